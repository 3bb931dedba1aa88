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

  /** @throws MoonletError system_limit when the owner has no room for even an empty table. */
  constructor(total: TotalBytes, owner: Process, bytes: number) {
    this.#total = total;
    this.#owner = owner;
    this.expectRoom(bytes);
    this.book(bytes);
  }

  /** Whether the sum may grow by so much. */
  hasRoom(growth: number): boolean {
    return this.#total.bytes + growth <= this.#total.max && this.#owner.hasRoom(growth);
  }

  /** @throws MoonletError system_limit. */
  expectRoom(growth: number): void {
    if (growth <= 0 || this.hasRoom(growth)) return;
    const isTotal = this.#total.bytes + growth > this.#total.max;
    throw new MoonletError(
      "system_limit",
      isTotal
        ? `all tables together may take up ${this.#total.max} bytes, and ${growth} more are too many`
        : `${this.#owner.pid}, who owns the table, may hold ${this.#owner.maxMemoryBytes} bytes, and ${growth} more are too many`,
      { hint: isTotal ? "raise maxTableBytes" : "raise the memory limit of the table's owner" },
    );
  }

  /** The table takes up so much now. */
  book(bytes: number): void {
    const growth = bytes - this.#booked;
    if (growth === 0) return;
    this.#booked = bytes;
    this.#total.bytes += growth;
    this.#owner.heldBytes += growth;
  }

  /** Whether somebody else could own the table as it is. */
  fits(owner: Process): boolean {
    return owner.hasRoom(this.#booked);
  }

  /** The table belongs to another process from now on. */
  moveTo(owner: Process): void {
    this.#owner.heldBytes -= this.#booked;
    owner.heldBytes += this.#booked;
    this.#owner = owner;
  }
}
