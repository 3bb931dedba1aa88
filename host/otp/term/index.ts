// Terms: Erlang's values in JavaScript, their encoding, order and text.

export { Atom, type AtomTerm, atom, atomName, atomTerm } from "./atom.ts";
export { compareTerms, equal, exactlyEqual } from "./compare.ts";
export { type DecodeOptions, decodeTerm } from "./decode.ts";
export { encodeInto, encodeTerm } from "./encode.ts";
export { type FormatOptions, formatTerm } from "./format.ts";
export { heldBytes } from "./held-bytes.ts";
export { termKey } from "./key.ts";
export {
  type ErrorReason,
  type ExitReason,
  reasonFromTerm,
  reasonToTerm,
  type TrapReason,
} from "./reason.ts";
export {
  BitString,
  Float,
  float,
  ImproperList,
  isTuple,
  Opaque,
  type OpaqueKind,
  Tuple,
  tuple,
} from "./tuple.ts";
