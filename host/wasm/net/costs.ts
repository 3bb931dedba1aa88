// Fuel of what the host does for a guest with the network, beside what bytes cost: a unit is some 2.5 ns.
export const UNITS = {
  /** A piece of data in or out. */
  transfer: 1000,
  /** Each further chunk of a body that data came in, which its sender may make as small as a byte. */
  piece: 400,
  /** A connection or a request, made or taken in. */
  connection: 10_000,
  /** Looking at a message that waits, when a socket changes hands. */
  message: 100,
} as const;
