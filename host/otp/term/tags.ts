// The tags of the external term format (ERTS User's Guide, External Term Format).

/** The first byte of every term. */
export const VERSION = 131;
/** How deep terms may be nested; keeps hostile input off the JavaScript stack. */
export const MAX_DEPTH = 512;

export const TAG = {
  newFloat: 70,
  bitBinary: 77,
  compressed: 80,
  atomCacheReference: 82,
  newPid: 88,
  newPort: 89,
  newerReference: 90,
  smallInteger: 97,
  integer: 98,
  float: 99,
  atom: 100,
  reference: 101,
  port: 102,
  pid: 103,
  smallTuple: 104,
  largeTuple: 105,
  nil: 106,
  string: 107,
  list: 108,
  binary: 109,
  smallBig: 110,
  largeBig: 111,
  newFun: 112,
  export: 113,
  newReference: 114,
  smallAtom: 115,
  map: 116,
  fun: 117,
  atomUtf8: 118,
  smallAtomUtf8: 119,
  v4Port: 120,
  local: 121,
} as const;
