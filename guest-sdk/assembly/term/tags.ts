// The bytes that begin a term in the external term format (ERTS User's Guide, External Term Format).

export const VERSION: u8 = 131;
export const NEW_FLOAT: u8 = 70;
export const BIT_BINARY: u8 = 77;
export const NEW_PID: u8 = 88;
export const NEW_PORT: u8 = 89;
export const NEWER_REFERENCE: u8 = 90;
export const SMALL_INTEGER: u8 = 97;
export const INTEGER: u8 = 98;
export const SMALL_TUPLE: u8 = 104;
export const LARGE_TUPLE: u8 = 105;
export const NIL: u8 = 106;
export const STRING: u8 = 107;
export const LIST: u8 = 108;
export const BINARY: u8 = 109;
export const SMALL_BIG: u8 = 110;
export const LARGE_BIG: u8 = 111;
export const NEW_FUN: u8 = 112;
export const EXPORT: u8 = 113;
export const MAP: u8 = 116;
export const ATOM_UTF8: u8 = 118;
export const SMALL_ATOM_UTF8: u8 = 119;
export const V4_PORT: u8 = 120;
