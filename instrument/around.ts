// Calls around an import's own: what happens before and after it, with as many parameters as it has. Gathering and spreading them costs more
// than all the rest, so the usual numbers are written out.
type HostFunction = (...args: unknown[]) => unknown;

export interface Surrounding {
  /** Called before; what it gives goes to `leave`. */
  readonly enter: () => number;
  readonly leave: (entered: number) => void;
  /** Called with what the import throws; throws itself. */
  readonly failed: (error: unknown) => never;
}

/** `parameters` is undefined where their number is not known. */
export function around(
  fn: HostFunction,
  parameters: number | undefined,
  surrounding: Surrounding,
): HostFunction {
  const { enter, leave, failed } = surrounding;
  if (parameters === 0) {
    return () => {
      const entered = enter();
      try {
        return fn();
      } catch (error) {
        return failed(error);
      } finally {
        leave(entered);
      }
    };
  }
  if (parameters === 1) {
    return (a) => {
      const entered = enter();
      try {
        return fn(a);
      } catch (error) {
        return failed(error);
      } finally {
        leave(entered);
      }
    };
  }
  if (parameters === 2) {
    return (a, b) => {
      const entered = enter();
      try {
        return fn(a, b);
      } catch (error) {
        return failed(error);
      } finally {
        leave(entered);
      }
    };
  }
  if (parameters === 3) {
    return (a, b, c) => {
      const entered = enter();
      try {
        return fn(a, b, c);
      } catch (error) {
        return failed(error);
      } finally {
        leave(entered);
      }
    };
  }
  if (parameters === 4) {
    return (a, b, c, d) => {
      const entered = enter();
      try {
        return fn(a, b, c, d);
      } catch (error) {
        return failed(error);
      } finally {
        leave(entered);
      }
    };
  }
  if (parameters === 5) {
    return (a, b, c, d, e) => {
      const entered = enter();
      try {
        return fn(a, b, c, d, e);
      } catch (error) {
        return failed(error);
      } finally {
        leave(entered);
      }
    };
  }
  return (...args) => {
    const entered = enter();
    try {
      return fn(...args);
    } catch (error) {
      return failed(error);
    } finally {
      leave(entered);
    }
  };
}
