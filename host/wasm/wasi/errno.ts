// Error numbers of WASI preview 1 (witx/typenames.witx, `$errno`), and how a call that fails says which one it is.

export const ERRNO = {
  success: 0,
  toobig: 1,
  acces: 2,
  addrinuse: 3,
  addrnotavail: 4,
  afnosupport: 5,
  again: 6,
  already: 7,
  badf: 8,
  badmsg: 9,
  busy: 10,
  canceled: 11,
  child: 12,
  connaborted: 13,
  connrefused: 14,
  connreset: 15,
  deadlk: 16,
  destaddrreq: 17,
  dom: 18,
  dquot: 19,
  exist: 20,
  fault: 21,
  fbig: 22,
  hostunreach: 23,
  idrm: 24,
  ilseq: 25,
  inprogress: 26,
  intr: 27,
  inval: 28,
  io: 29,
  isconn: 30,
  isdir: 31,
  loop: 32,
  mfile: 33,
  mlink: 34,
  msgsize: 35,
  multihop: 36,
  nametoolong: 37,
  netdown: 38,
  netreset: 39,
  netunreach: 40,
  nfile: 41,
  nobufs: 42,
  nodev: 43,
  noent: 44,
  noexec: 45,
  nolck: 46,
  nolink: 47,
  nomem: 48,
  nomsg: 49,
  noprotoopt: 50,
  nospc: 51,
  nosys: 52,
  notconn: 53,
  notdir: 54,
  notempty: 55,
  notrecoverable: 56,
  notsock: 57,
  notsup: 58,
  notty: 59,
  nxio: 60,
  overflow: 61,
  ownerdead: 62,
  perm: 63,
  pipe: 64,
  proto: 65,
  protonosupport: 66,
  prototype: 67,
  range: 68,
  rofs: 69,
  spipe: 70,
  srch: 71,
  stale: 72,
  timedout: 73,
  txtbsy: 74,
  xdev: 75,
  notcapable: 76,
} as const;

export type Errno = (typeof ERRNO)[keyof typeof ERRNO];

/** Ends a call with this errno; never leaves this folder. No Error: a guest may fail in a loop, and a stack trace costs more than most calls. */
export class WasiError {
  readonly errno: Errno;
  constructor(errno: Errno) {
    this.errno = errno;
  }
}

/** Codes of POSIX that WASI calls otherwise. */
const OTHER_NAMES: Readonly<Record<string, Errno>> = {
  E2BIG: ERRNO.toobig,
  EWOULDBLOCK: ERRNO.again,
  EOPNOTSUPP: ERRNO.notsup,
};

/** The errno of a call that threw: of a `WasiError`, or of a file system's error, by its `code` ("ENOENT"); undefined for any other. */
export function errnoOf(error: unknown): Errno | undefined {
  if (error instanceof WasiError) return error.errno;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return undefined;
  if (Object.hasOwn(OTHER_NAMES, code)) return OTHER_NAMES[code];
  const name = code.startsWith("E") ? code.slice(1).toLowerCase() : "";
  return Object.hasOwn(ERRNO, name) ? ERRNO[name as keyof typeof ERRNO] : undefined;
}

/** Ends the call. */
export function fail(errno: Errno): never {
  throw new WasiError(errno);
}
