// path_*: everything that is found by name. What a name leads to is settled in `resolve`, what may be done there here.
import type { Guest } from "../../guest.ts";
import { type Calls, COST, readPath, writeU32 } from "../call.ts";
import type { DirectoryDescriptor } from "../descriptors.ts";
import { ERRNO, fail } from "../errno.ts";
import { FILESTAT_BYTES, writeFilestat } from "../layout.ts";
import { type Place, resolve } from "../resolve.ts";
import { RIGHT } from "../rights.ts";
import { readTimes } from "../times.ts";
import { pathOpen } from "./path-open.ts";

const FOLLOW = 1;

interface Lookup {
  readonly fd: number;
  readonly right: bigint;
  readonly pointer: number;
  readonly length: number;
  /** Whether something is to be changed there. Default true. */
  readonly changes?: boolean;
  /** Default false. */
  readonly follow?: boolean;
}

/** Calls `use` with where a path leads, if the descriptor may be used so. */
function lookup<T>(guest: Guest, to: Lookup, use: (place: Place, from: DirectoryDescriptor) => T): T {
  const from = guest.wasi.descriptors.directory(to.fd, to.right);
  const path = readPath(guest, to.pointer, to.length);
  if (to.changes !== false && !from.isWritable) fail(ERRNO.rofs);
  guest.charge(COST.call);
  const step = () => guest.charge(COST.step);
  return resolve(from.directory, path, { follow: to.follow ?? false, step }, (place) => use(place, from));
}

/** Where something is to be made, and what it is to be called; EXIST for a directory that is there. */
function newName({ directory, name, mustBeDirectory }: Place): string {
  if (name === undefined) return fail(ERRNO.exist);
  // A slash at the end is for directories, and this is to be none.
  if (mustBeDirectory) {
    const { type } = directory.stat(name);
    fail(type === "directory" ? ERRNO.exist : ERRNO.notdir);
  }
  return name;
}

/** NOTDIR when the path ended with a slash and leads to something else than a directory. */
function assertKind({ directory, name, mustBeDirectory }: Place): void {
  if (mustBeDirectory && name !== undefined && directory.stat(name).type !== "directory") fail(ERRNO.notdir);
}

/** The name that an existing thing has; `self` when the path stands for the directory that it starts from. */
function oldName(place: Place, self: number): string {
  return place.name ?? fail(self as typeof ERRNO.inval);
}

export const pathCalls: Calls = {
  path_open: pathOpen,
  path_create_directory: (guest, fd: number, pointer: number, length: number) =>
    lookup(guest, { fd, right: RIGHT.pathCreateDirectory, pointer, length }, ({ directory, name }) => {
      directory.makeDirectory(name ?? fail(ERRNO.exist));
      return ERRNO.success;
    }),
  path_remove_directory: (guest, fd: number, pointer: number, length: number) =>
    lookup(guest, { fd, right: RIGHT.pathRemoveDirectory, pointer, length }, (place) => {
      place.directory.removeDirectory(oldName(place, ERRNO.inval));
      return ERRNO.success;
    }),
  path_unlink_file: (guest, fd: number, pointer: number, length: number) =>
    lookup(guest, { fd, right: RIGHT.pathUnlinkFile, pointer, length }, (place) => {
      const name = oldName(place, ERRNO.isdir);
      assertKind(place);
      place.directory.removeFile(name);
      return ERRNO.success;
    }),
  path_filestat_get: (guest, fd: number, flags: number, pointer: number, length: number, out: number) => {
    const at = guest.memory.check(out, FILESTAT_BYTES, "path_filestat_get");
    const follow = (flags & FOLLOW) !== 0;
    const to = { fd, right: RIGHT.pathFilestatGet, pointer, length, changes: false, follow };
    return lookup(guest, to, ({ directory, name, mustBeDirectory }) => {
      const stat = name === undefined ? directory.statSelf() : directory.stat(name);
      if (mustBeDirectory && stat.type !== "directory") return ERRNO.notdir;
      writeFilestat(guest.memory.view(), at, stat);
      return ERRNO.success;
    });
  },
  path_filestat_set_times: (
    guest,
    fd: number,
    lookupFlags: number,
    pointer: number,
    length: number,
    accessed: bigint,
    modified: bigint,
    flags: number,
  ) => {
    const times = readTimes(guest, accessed, modified, flags);
    const follow = (lookupFlags & FOLLOW) !== 0;
    return lookup(guest, { fd, right: RIGHT.pathFilestatSetTimes, pointer, length, follow }, (place) => {
      assertKind(place);
      if (place.name === undefined) place.directory.setTimesSelf(times);
      else place.directory.setTimes(place.name, times);
      return ERRNO.success;
    });
  },
  path_readlink: (
    guest,
    fd: number,
    pointer: number,
    length: number,
    out: number,
    room: number,
    usedOut: number,
  ) => {
    const buffer = guest.memory.borrow(out, room, "path_readlink");
    guest.memory.check(usedOut, 4, "path_readlink");
    return lookup(guest, { fd, right: RIGHT.pathReadlink, pointer, length, changes: false }, (place) => {
      const target = place.directory.readLink(oldName(place, ERRNO.inval));
      // Where it leads on the host is none of the guest's business.
      if (target.startsWith("/")) return ERRNO.notcapable;
      const bytes = new TextEncoder().encode(target).subarray(0, buffer.length);
      buffer.set(bytes);
      writeU32(guest, usedOut, bytes.length);
      return ERRNO.success;
    });
  },
  path_symlink: (
    guest,
    target: number,
    targetLength: number,
    fd: number,
    pointer: number,
    length: number,
  ) => {
    const text = readPath(guest, target, targetLength);
    // It would lead out of the sandbox: for this guest nowhere, for others who come by perhaps somewhere.
    if (text.startsWith("/")) return ERRNO.notcapable;
    if (text === "") return ERRNO.noent;
    return lookup(guest, { fd, right: RIGHT.pathSymlink, pointer, length }, (place) => {
      place.directory.makeSymbolicLink(text, newName(place));
      return ERRNO.success;
    });
  },
  path_link: (
    guest,
    oldFd: number,
    flags: number,
    old: number,
    oldLength: number,
    fd: number,
    pointer: number,
    length: number,
  ) => {
    // POSIX leaves open what becomes of a link to a symbolic link; what it leads to is never linked.
    if (flags & FOLLOW) return ERRNO.inval;
    // Where files may only be read, another name elsewhere must not open them for writing: the old place has to be writable too.
    const from = { fd: oldFd, right: RIGHT.pathLinkSource, pointer: old, length: oldLength };
    return lookup(guest, from, (source) =>
      lookup(guest, { fd, right: RIGHT.pathLinkTarget, pointer, length }, (place) => {
        const name = oldName(source, ERRNO.perm);
        assertKind(source);
        source.directory.makeLink(name, place.directory, newName(place));
        return ERRNO.success;
      }),
    );
  },
  path_rename: (
    guest,
    oldFd: number,
    old: number,
    oldLength: number,
    fd: number,
    pointer: number,
    length: number,
  ) => {
    const from = { fd: oldFd, right: RIGHT.pathRenameSource, pointer: old, length: oldLength };
    return lookup(guest, from, (source) =>
      lookup(guest, { fd, right: RIGHT.pathRenameTarget, pointer, length }, (place) => {
        const name = oldName(source, ERRNO.busy);
        const renamed = place.name ?? fail(ERRNO.busy);
        assertKind(source);
        if (place.mustBeDirectory && source.directory.stat(name).type !== "directory") return ERRNO.notdir;
        source.directory.rename(name, place.directory, renamed);
        return ERRNO.success;
      }),
    );
  },
};
