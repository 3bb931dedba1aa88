// Looking names up takes turns. The operating system's resolver is asked in threads that all of Node shares, two at a time, and a name whose
// servers do not answer holds one for many seconds: nobody has more than one asked at a time, and nobody has many waiting.
import { type LookupAddress, lookup } from "node:dns";

export type Found = (error: Error | null, addresses: readonly LookupAddress[]) => void;
export type Resolve = (host: string, found: Found) => void;

interface Question {
  readonly host: string;
  readonly found: Found;
  /** Whether anybody still wants to know. */
  readonly isWanted: () => boolean;
}

/** Names that one asker may have waiting; more are not looked up. */
const MOST_WAITING = 64;

export class LookupQueue {
  readonly #resolve: Resolve;
  /** What waits of those who have a name asked. */
  readonly #waiting = new Map<object, Question[]>();

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  /** Looks a name up when it is the asker's turn. EMFILE when too many of theirs wait. */
  ask(asker: object, question: Question): void {
    const queue = this.#waiting.get(asker);
    if (queue === undefined) {
      this.#waiting.set(asker, []);
      this.#begin(asker, question);
      return;
    }
    if (queue.length >= MOST_WAITING)
      queue.splice(0, queue.length, ...queue.filter(({ isWanted }) => isWanted()));
    if (queue.length < MOST_WAITING) {
      queue.push(question);
    } else {
      const error = Object.assign(new Error(`too many names are being looked up, ${question.host} is not`), {
        code: "EMFILE",
      });
      queueMicrotask(() => question.found(error, []));
    }
  }

  #begin(asker: object, { host, found }: Question): void {
    this.#resolve(host, (error, addresses) => {
      this.#next(asker);
      found(error, addresses);
    });
  }

  #next(asker: object): void {
    const queue = this.#waiting.get(asker)!;
    for (let question = queue.shift(); question; question = queue.shift()) {
      if (!question.isWanted()) continue;
      this.#begin(asker, question);
      return;
    }
    this.#waiting.delete(asker);
  }
}

/** The one of this machine. */
export const lookups = new LookupQueue((host, found) =>
  lookup(host, { all: true }, (error, addresses) => found(error, addresses ?? [])),
);
