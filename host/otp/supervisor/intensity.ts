// How many restarts are too many. Pure.

export interface RestartLimit {
  readonly intensity: number;
  /** Whole seconds. */
  readonly period: number;
}

/**
 * Adds a restart in this second to those that still count, newest first. A restart counts while its second is not before
 * `nowSeconds - period` (S192). `exceeded` when more than `intensity` count.
 */
export function addRestart(
  restarts: readonly number[],
  nowSeconds: number,
  { intensity, period }: RestartLimit,
): { readonly restarts: readonly number[]; readonly exceeded: boolean } {
  const counting = [nowSeconds];
  for (const second of restarts) {
    if (second < nowSeconds - period) break;
    counting.push(second);
  }
  return { restarts: counting, exceeded: counting.length > intensity };
}
