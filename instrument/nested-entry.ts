// A call of the guest from inside one of its imports. It cannot be captured, as a host frame lies below it, so it has to end within the fuel
// and the native stack that it is given, or it traps. What it is given does not depend on how the running slice was cut.

/** Stack credit of an entry: what the native stack has room for above the most that the guest can be using. */
const NESTED_CREDIT = 384 * 1024;
/** Stack credit to a unit, as a power of two. */
const CREDIT_SHIFT = 6;
const UNITS = 2 ** 31 - 1;
const NOWHERE = -8;

type Cell = (name: string) => WebAssembly.Global;

/** The error of a call that would have to stop. No handler of the guest's catches it. */
class CannotStopHere extends WebAssembly.RuntimeError {
  readonly uncatchable = true;

  constructor(cause: unknown) {
    super(
      "a function that the host has called from inside an import would have to stop, which it cannot there",
    );
    this.cause = cause;
  }
}

/**
 * Runs `call`, and gives to `charge`, also when it throws, the units that it took. `isOutermost` is false inside another such call, with which
 * it shares credit. Throws a WebAssembly.RuntimeError where the call would have to stop, because it used up its credit.
 */
export function enterNested<T>(
  cell: Cell,
  isOutermost: boolean,
  call: () => T,
  charge: (units: number) => void,
): T {
  const cells = ["fuel", "credit", "granted", "scratch", "stopping"].map(cell);
  const [fuel, credit, , scratch] = cells as [
    WebAssembly.Global,
    WebAssembly.Global,
    unknown,
    WebAssembly.Global,
  ];
  const before = cells.map(({ value }) => value as number);
  const given = isOutermost ? NESTED_CREDIT : Math.max(0, credit.value as number);
  fuel.value = UNITS;
  credit.value = given;
  scratch.value = NOWHERE;
  try {
    return call();
  } catch (error) {
    if ((fuel.value as number) >= 0) throw error;
    throw new CannotStopHere(error);
  } finally {
    // A fuel below zero only says that credit ran out.
    const left = (fuel.value as number) & UNITS;
    charge(UNITS - left + (Math.max(0, given - (credit.value as number)) >> CREDIT_SHIFT));
    cells.forEach((each, k) => {
      each.value = before[k];
    });
  }
}
