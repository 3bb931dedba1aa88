// A connection as a process has it (OTP: gen_tcp). Passive, it is read with recv; active, what comes is sent to its owner.
import type { ExitReason, Process } from "../../otp/index.ts";
import { isAbnormal } from "../../otp/reports.ts";
import { atom, tuple } from "../../otp/term/index.ts";
import { ActiveSocket, type HandedOver, MESSAGE_BYTES } from "./active-socket.ts";
import { UNITS } from "./costs.ts";
import type { Connection, ReadResult } from "./network.ts";
import { CONNECTION_BYTES, type Resource } from "./resource.ts";

export class TcpSocket extends ActiveSocket {
  readonly connection: Connection;
  protected readonly passiveTag = "tcp_passive";
  /** The owner has been told of the end, which is told once. */
  #isEndTold = false;

  constructor(owner: Process, connection: Connection, origin?: Resource) {
    super(owner, CONNECTION_BYTES, origin);
    this.connection = connection;
    connection.changed = () => {
      if (this.owner) this.handOver(this.owner);
      this.wake();
    };
  }

  read(maxBytes: number): ReadResult {
    return this.connection.read(maxBytes);
  }

  protected ended(reason: ExitReason): void {
    // Who dies in the middle of something has not ended it in order, and the other side learns that.
    if (isAbnormal(reason)) this.connection.abort();
    else this.connection.close();
  }

  protected next(owner: Process): HandedOver {
    if (this.#isEndTold) return "over";
    const result = this.connection.read(MESSAGE_BYTES);
    if (result.type === "empty") return "empty";
    if (result.type === "data") {
      this.post(tuple(atom("tcp"), this.term, result.bytes));
      owner.charge(UNITS.transfer);
      return "sent";
    }
    this.#isEndTold = true;
    if (result.type === "broken") this.post(tuple(atom("tcp_error"), this.term, atom(result.reason)));
    this.post(tuple(atom("tcp_closed"), this.term));
    return "over";
  }
}
