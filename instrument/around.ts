// Functions around an import that may suspend, with as many parameters as it has: gathering and spreading them costs more than all the rest.
type HostFunction = (...args: unknown[]) => unknown;

export interface Surrounding {
  /** Called before; what it gives goes to `leave`. */
  readonly enter: () => number;
  readonly leave: (entered: number) => void;
}

/** For an import whose errors end the run: `leave` is not called then. `parameters` is undefined where their number is not known. */
export function around(
  fn: HostFunction,
  parameters: number | undefined,
  { enter, leave }: Surrounding,
): HostFunction {
  switch (parameters) {
    case 0:
      return () => {
        const entered = enter();
        const result = fn();
        leave(entered);
        return result;
      };
    case 1:
      return (a) => {
        const entered = enter();
        const result = fn(a);
        leave(entered);
        return result;
      };
    case 2:
      return (a, b) => {
        const entered = enter();
        const result = fn(a, b);
        leave(entered);
        return result;
      };
    case 3:
      return (a, b, c) => {
        const entered = enter();
        const result = fn(a, b, c);
        leave(entered);
        return result;
      };
    case 4:
      return (a, b, c, d) => {
        const entered = enter();
        const result = fn(a, b, c, d);
        leave(entered);
        return result;
      };
    case 5:
      return (a, b, c, d, e) => {
        const entered = enter();
        const result = fn(a, b, c, d, e);
        leave(entered);
        return result;
      };
    default:
      return (...args) => {
        const entered = enter();
        const result = fn(...args);
        leave(entered);
        return result;
      };
  }
}

/** The same for a guest that can catch what its imports throw: `leave` is called then, too, after `failed`. */
export function aroundThrowing(
  fn: HostFunction,
  { enter, leave }: Surrounding,
  failed: () => void,
): HostFunction {
  return (...args) => {
    const entered = enter();
    try {
      return fn(...args);
    } catch (error) {
      failed();
      throw error;
    } finally {
      leave(entered);
    }
  };
}
