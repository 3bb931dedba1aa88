// `$fdflags` of WASI preview 1.

export const FD_FLAG = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
export const ALL_FD_FLAGS = 31;
