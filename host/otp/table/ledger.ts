// `Differs from OTP:` tables have limits. What a table takes up, booked with its owner and with all tables of the runtime. What is over a limit is refused before anything is
// changed, with `system_limit`; the sum is exact to the estimate of bytes.ts.
import { MoonletError } from "../error.ts";
import type { Process } from "../process.ts";

/** The sum over all tables of a runtime. */
export interface TotalBytes {
  bytes: number;
  readonly max: number;
}

export class Ledger {
  readonly #total: TotalBytes;
  #owner: Process;
  #booked = 0;
  #entries = 0;

  /** @throws MoonletError system_limit when the owner has no room for even an empty table. */
  constructor(total: TotalBytes, owner: Process, bytes: number) {
    this.#total = total;
    this.#owner = owner;
    this.expectRoom(bytes, 0);
    this.book(bytes, 0);
  }

  /** Whether the sum may grow by so much, and the owner have so many objects more. */
  hasRoom(growth: number, entries: number): boolean {
    return (
      this.#total.bytes + growth <= this.#total.max &&
      this.#owner.hasRoom(growth) &&
      (entries <= 0 || this.#owner.hasRoomFor("tableEntries", entries))
    );
  }

  /** @throws MoonletError system_limit. */
  expectRoom(growth: number, entries: number): void {
    if ((growth <= 0 && entries <= 0) || this.hasRoom(growth, entries)) return;
    this.#owner.tellLimit("memoryBytes", growth);
    this.#owner.tellLimit("tableEntries", entries);
    const isTotal = this.#total.bytes + growth > this.#total.max;
    throw new MoonletError(
      "system_limit",
      isTotal
        ? `all tables together may take up ${this.#total.max} bytes, and ${growth} more are too many`
        : `${this.#owner.pid}, who owns the table, has no room for ${growth} bytes more in ${entries} more objects`,
      { hint: isTotal ? "raise maxTableBytes" : "raise the limits of the table's owner" },
    );
  }

  /** The table takes up so much now, and holds so many objects. */
  book(bytes: number, entries: number): void {
    if (entries !== this.#entries) {
      this.#owner.account?.add("tableEntries", entries - this.#entries);
      this.#entries = entries;
    }
    const growth = bytes - this.#booked;
    if (growth === 0) return;
    this.#booked = bytes;
    this.#total.bytes += growth;
    this.#owner.keepBytes(growth);
  }

  /** Whether somebody else could own the table as it is. */
  fits(owner: Process): boolean {
    return owner.hasRoom(this.#booked) && owner.hasRoomFor("tableEntries", this.#entries);
  }

  /** The table belongs to another process from now on. */
  moveTo(owner: Process): void {
    this.#owner.keepBytes(-this.#booked);
    this.#owner.release("tableEntries", this.#entries);
    owner.keepBytes(this.#booked);
    owner.account?.add("tableEntries", this.#entries);
    this.#owner = owner;
  }
}
