// What a syscall returns instead of a length or a flag when it fails (ABI.md, Conventions).

export const TIMEOUT: i32 = -1;
export const BADARG: i32 = -2;
export const NOPROC: i32 = -3;
export const SYSTEM_LIMIT: i32 = -4;
export const NOT_GRANTED: i32 = -5;
export const NOT_EXPORTED: i32 = -6;
export const CLOSED: i32 = -7;
export const FAILED: i32 = -8;
export const REVOKED: i32 = -9;

/** The timeout that never comes. */
export const FOR_EVER: u32 = 0xffffffff;
