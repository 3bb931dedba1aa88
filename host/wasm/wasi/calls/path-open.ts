// path_open: a descriptor for what a path leads to. It gets the rights that were asked for, as far as they mean something for what
// was found and the directory lets them be inherited; what changes files is refused by a grant for reading whatever the rights say.
import type { Guest } from "../../guest.ts";
import { COST, readPath } from "../call.ts";
import type { Descriptor, DirectoryDescriptor } from "../descriptors.ts";
import { ERRNO, fail } from "../errno.ts";
import { ALL_FD_FLAGS } from "../fd-flags.ts";
import type { FileType } from "../file-system.ts";
import { type Place, resolve } from "../resolve.ts";
import { DIRECTORY_RIGHTS, FILE_RIGHTS, RIGHT, WRITE_RIGHTS } from "../rights.ts";

/** `$oflags`. */
const OPEN = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
const FOLLOW = 1;

interface Request {
  readonly flags: number;
  readonly rights: bigint;
  readonly inheriting: bigint;
  readonly fdFlags: number;
}

export const pathOpen = (
  guest: Guest,
  fd: number,
  lookupFlags: number,
  pointer: number,
  length: number,
  flags: number,
  rights: bigint,
  inheriting: bigint,
  fdFlags: number,
  out: number,
) => {
  const { descriptors } = guest.wasi;
  const needed =
    RIGHT.pathOpen |
    (flags & OPEN.create ? RIGHT.pathCreateFile : 0n) |
    (flags & OPEN.truncate ? RIGHT.pathFilestatSetSize : 0n);
  const from = descriptors.directory(fd, needed);
  const path = readPath(guest, pointer, length);
  const at = guest.memory.check(out, 4, "path_open");
  if (flags >>> 0 > 15 || fdFlags >>> 0 > ALL_FD_FLAGS) return ERRNO.inval;
  if (flags & OPEN.create && flags & OPEN.directory) return ERRNO.inval;
  descriptors.assertRoom();
  guest.charge(COST.call * 2);
  const isNew = (flags & OPEN.create) !== 0 && (flags & OPEN.exclusive) !== 0;
  const options = {
    follow: (lookupFlags & FOLLOW) !== 0 && !isNew,
    step: () => guest.charge(COST.step),
  };
  const request: Request = {
    flags,
    fdFlags,
    rights: BigInt.asUintN(64, rights),
    inheriting: BigInt.asUintN(64, inheriting),
  };
  const opened = resolve(from.directory, path, options, (place) => open(place, from, request));
  opened.loan = from.loan;
  guest.memory.view().setUint32(at, descriptors.add(opened), true);
  return ERRNO.success;
};

function open(place: Place, from: DirectoryDescriptor, request: Request): Descriptor {
  const type = typeAt(place);
  const isCreating = (request.flags & OPEN.create) !== 0;
  if (type === undefined) {
    if (!isCreating) fail(ERRNO.noent);
    if (place.mustBeDirectory) fail(ERRNO.isdir);
    return openFile(place, from, request);
  }
  if (isCreating && request.flags & OPEN.exclusive) fail(ERRNO.exist);
  if (type === "symlink") fail(request.flags & OPEN.directory ? ERRNO.notdir : ERRNO.loop);
  if (type === "directory") return openDirectory(place, from, request);
  if (request.flags & OPEN.directory || place.mustBeDirectory) fail(ERRNO.notdir);
  if (!isOpenable(type)) fail(ERRNO.notsup);
  return openFile(place, from, request);
}

/** A pipe or a socket would have to be waited for, and is somebody else's way to be talked to. */
function isOpenable(type: FileType): boolean {
  return type === "file" || type === "character";
}

/** What lies there; undefined for nothing. */
function typeAt({ directory, name }: Place): FileType | undefined {
  if (name === undefined) return "directory";
  try {
    return directory.stat(name).type;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}

function openDirectory({ directory, name }: Place, from: DirectoryDescriptor, request: Request): Descriptor {
  if (request.flags & (OPEN.create | OPEN.truncate) || request.rights & RIGHT.fdWrite) fail(ERRNO.isdir);
  return {
    type: "directory",
    directory: name === undefined ? directory.reopen() : directory.openDirectory(name),
    isWritable: from.isWritable,
    preopen: undefined,
    listing: undefined,
    rights: request.rights & from.inheriting & DIRECTORY_RIGHTS,
    inheriting: request.inheriting & from.inheriting,
    flags: request.fdFlags,
  };
}

function openFile({ directory, name }: Place, from: DirectoryDescriptor, request: Request): Descriptor {
  const rights = request.rights & from.inheriting & FILE_RIGHTS;
  const isTruncating = (request.flags & OPEN.truncate) !== 0;
  const write = isTruncating || (rights & WRITE_RIGHTS) !== 0n;
  const create = (request.flags & OPEN.create) !== 0;
  if (
    !from.isWritable &&
    (write || (create && typeAt({ directory, name, mustBeDirectory: false }) === undefined))
  ) {
    fail(ERRNO.rofs);
  }
  const file = directory.openFile(name!, {
    // A descriptor without rights can still be asked about its file.
    read: (rights & RIGHT.fdRead) !== 0n || !write,
    write,
    create: create && from.isWritable,
    exclusive: create && (request.flags & OPEN.exclusive) !== 0,
  });
  try {
    const { type } = file.stat();
    if (!isOpenable(type)) fail(ERRNO.notsup);
    if (isTruncating) file.truncate(0);
    return {
      type: "file",
      file,
      fileType: type,
      isSeekable: type === "file",
      isWritable: from.isWritable,
      position: 0,
      rights,
      inheriting: request.inheriting & from.inheriting,
      flags: request.fdFlags,
    };
  } catch (error) {
    file.close();
    throw error;
  }
}
