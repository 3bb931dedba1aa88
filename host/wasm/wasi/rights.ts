// Rights of WASI preview 1 (witx/typenames.witx, `$rights`): what may be done with a descriptor, and with what is opened through it.
// They can only be given up. What a grant allows is looked at apart from them: a program may ask for rights that its grant then refuses.

export const RIGHT = {
  fdDatasync: 1n << 0n,
  fdRead: 1n << 1n,
  fdSeek: 1n << 2n,
  fdFdstatSetFlags: 1n << 3n,
  fdSync: 1n << 4n,
  fdTell: 1n << 5n,
  fdWrite: 1n << 6n,
  fdAdvise: 1n << 7n,
  fdAllocate: 1n << 8n,
  pathCreateDirectory: 1n << 9n,
  pathCreateFile: 1n << 10n,
  pathLinkSource: 1n << 11n,
  pathLinkTarget: 1n << 12n,
  pathOpen: 1n << 13n,
  fdReaddir: 1n << 14n,
  pathReadlink: 1n << 15n,
  pathRenameSource: 1n << 16n,
  pathRenameTarget: 1n << 17n,
  pathFilestatGet: 1n << 18n,
  pathFilestatSetSize: 1n << 19n,
  pathFilestatSetTimes: 1n << 20n,
  fdFilestatGet: 1n << 21n,
  fdFilestatSetSize: 1n << 22n,
  fdFilestatSetTimes: 1n << 23n,
  pathSymlink: 1n << 24n,
  pathRemoveDirectory: 1n << 25n,
  pathUnlinkFile: 1n << 26n,
  pollFdReadwrite: 1n << 27n,
  sockShutdown: 1n << 28n,
  sockAccept: 1n << 29n,
} as const;

const union = (rights: readonly bigint[]): bigint => rights.reduce((all, right) => all | right, 0n);

/** What there is to do with a file. */
export const FILE_RIGHTS = union([
  RIGHT.fdDatasync,
  RIGHT.fdRead,
  RIGHT.fdSeek,
  RIGHT.fdFdstatSetFlags,
  RIGHT.fdSync,
  RIGHT.fdTell,
  RIGHT.fdWrite,
  RIGHT.fdAdvise,
  RIGHT.fdAllocate,
  RIGHT.fdFilestatGet,
  RIGHT.fdFilestatSetSize,
  RIGHT.fdFilestatSetTimes,
  RIGHT.pollFdReadwrite,
]);

/** Rights that change a file, by asking for which a program asks to open it for writing. */
export const WRITE_RIGHTS = union([RIGHT.fdWrite, RIGHT.fdAllocate, RIGHT.fdFilestatSetSize]);

/** What there is to do with a directory. */
export const DIRECTORY_RIGHTS = union([
  RIGHT.fdFdstatSetFlags,
  RIGHT.fdSync,
  RIGHT.fdDatasync,
  RIGHT.fdAdvise,
  RIGHT.pathCreateDirectory,
  RIGHT.pathCreateFile,
  RIGHT.pathLinkSource,
  RIGHT.pathLinkTarget,
  RIGHT.pathOpen,
  RIGHT.fdReaddir,
  RIGHT.pathReadlink,
  RIGHT.pathRenameSource,
  RIGHT.pathRenameTarget,
  RIGHT.pathFilestatGet,
  RIGHT.pathFilestatSetSize,
  RIGHT.pathFilestatSetTimes,
  RIGHT.fdFilestatGet,
  RIGHT.fdFilestatSetTimes,
  RIGHT.pathSymlink,
  RIGHT.pathRemoveDirectory,
  RIGHT.pathUnlinkFile,
  RIGHT.pollFdReadwrite,
]);

const STREAM_RIGHTS = union([RIGHT.fdFdstatSetFlags, RIGHT.fdFilestatGet, RIGHT.pollFdReadwrite]);
export const INPUT_RIGHTS = STREAM_RIGHTS | RIGHT.fdRead;
export const OUTPUT_RIGHTS = STREAM_RIGHTS | RIGHT.fdWrite | RIGHT.fdSync | RIGHT.fdDatasync;
