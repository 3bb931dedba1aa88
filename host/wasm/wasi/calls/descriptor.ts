// fd_*: everything about a descriptor but reading and writing it.
import type { Guest } from "../../guest.ts";
import { type Calls, COST, toNumber } from "../call.ts";
import type { Descriptor } from "../descriptors.ts";
import { ERRNO, fail } from "../errno.ts";
import { ALL_FD_FLAGS } from "../fd-flags.ts";
import type { FileStat, FileType } from "../file-system.ts";
import { FDSTAT_BYTES, FILESTAT_BYTES, PRESTAT_BYTES, writeFdstat, writeFilestat } from "../layout.ts";
import { RIGHT } from "../rights.ts";
import { readTimes } from "../times.ts";

const MAX_ADVICE = 5;
const encoder = new TextEncoder();

function withRight(guest: Guest, fd: number, right: bigint): Descriptor {
  const descriptor = guest.wasi.descriptors.get(fd);
  if ((descriptor.rights & right) !== right) fail(ERRNO.notcapable);
  return descriptor;
}

function streamType(guest: Guest, stream: 0 | 1 | 2): FileType {
  return guest.services.isTerminal?.(stream) ? "character" : "unknown";
}

function statOf(guest: Guest, descriptor: Descriptor): FileStat {
  if (descriptor.type === "file") return descriptor.file.stat();
  if (descriptor.type === "directory") return descriptor.directory.statSelf();
  const type = streamType(guest, descriptor.stream);
  return { type, device: 0n, inode: 0n, links: 0n, size: 0n, accessed: 0n, modified: 0n, changed: 0n };
}

function syncCall(right: bigint) {
  return (guest: Guest, fd: number) => {
    const descriptor = withRight(guest, fd, right);
    if (descriptor.type === "stream") {
      guest.output.flush();
      return ERRNO.success;
    }
    guest.charge(COST.sync);
    if (descriptor.type === "file") descriptor.file.sync();
    else descriptor.directory.sync();
    return ERRNO.success;
  };
}

function preopenName(guest: Guest, fd: number): Uint8Array {
  const descriptor = guest.wasi.descriptors.get(fd);
  return descriptor.type === "directory" && descriptor.preopen !== undefined
    ? encoder.encode(descriptor.preopen)
    : fail(ERRNO.badf);
}

export const descriptorCalls: Calls = {
  fd_close: (guest, fd: number) => {
    guest.wasi.descriptors.close(fd);
    return ERRNO.success;
  },
  fd_renumber: (guest, from: number, to: number) => {
    guest.wasi.descriptors.renumber(from, to);
    return ERRNO.success;
  },
  fd_prestat_get: (guest, fd: number, out: number) => {
    const name = preopenName(guest, fd);
    const at = guest.memory.check(out, PRESTAT_BYTES, "fd_prestat_get");
    const view = guest.memory.view();
    // A directory: the only kind that there is.
    view.setUint32(at, 0, true);
    view.setUint32(at + 4, name.length, true);
    return ERRNO.success;
  },
  fd_prestat_dir_name: (guest, fd: number, out: number, length: number) => {
    const name = preopenName(guest, fd);
    if (length >>> 0 < name.length) return ERRNO.nametoolong;
    guest.memory.write(guest.memory.check(out, name.length, "fd_prestat_dir_name"), name);
    return ERRNO.success;
  },
  fd_fdstat_get: (guest, fd: number, out: number) => {
    const descriptor = guest.wasi.descriptors.get(fd);
    const at = guest.memory.check(out, FDSTAT_BYTES, "fd_fdstat_get");
    const type =
      descriptor.type === "stream"
        ? streamType(guest, descriptor.stream)
        : descriptor.type === "directory"
          ? "directory"
          : descriptor.fileType;
    writeFdstat(guest.memory.view(), at, type, descriptor);
    return ERRNO.success;
  },
  fd_fdstat_set_flags: (guest, fd: number, flags: number) => {
    const descriptor = withRight(guest, fd, RIGHT.fdFdstatSetFlags);
    if (flags >>> 0 > ALL_FD_FLAGS) return ERRNO.inval;
    descriptor.flags = flags;
    return ERRNO.success;
  },
  fd_fdstat_set_rights: (guest, fd: number, rights: bigint, inheriting: bigint) => {
    const descriptor = guest.wasi.descriptors.get(fd);
    const base = BigInt.asUintN(64, rights);
    const below = BigInt.asUintN(64, inheriting);
    if ((base & ~descriptor.rights) !== 0n || (below & ~descriptor.inheriting) !== 0n)
      return ERRNO.notcapable;
    descriptor.rights = base;
    descriptor.inheriting = below;
    return ERRNO.success;
  },
  fd_filestat_get: (guest, fd: number, out: number) => {
    const descriptor = withRight(guest, fd, RIGHT.fdFilestatGet);
    const at = guest.memory.check(out, FILESTAT_BYTES, "fd_filestat_get");
    guest.charge(COST.call);
    writeFilestat(guest.memory.view(), at, statOf(guest, descriptor));
    return ERRNO.success;
  },
  fd_filestat_set_size: (guest, fd: number, size: bigint) => {
    const { file, isWritable } = guest.wasi.descriptors.file(fd, RIGHT.fdFilestatSetSize);
    if (!isWritable) return ERRNO.rofs;
    guest.charge(COST.call);
    file.truncate(toNumber(size));
    return ERRNO.success;
  },
  fd_filestat_set_times: (guest, fd: number, accessed: bigint, modified: bigint, flags: number) => {
    const descriptor = withRight(guest, fd, RIGHT.fdFilestatSetTimes);
    const times = readTimes(guest, accessed, modified, flags);
    if (descriptor.type === "stream") return ERRNO.notsup;
    if (!descriptor.isWritable) return ERRNO.rofs;
    guest.charge(COST.call);
    if (descriptor.type === "file") descriptor.file.setTimes(times);
    else descriptor.directory.setTimesSelf(times);
    return ERRNO.success;
  },
  fd_allocate: (guest, fd: number, offset: bigint, length: bigint) => {
    const { file, isWritable } = guest.wasi.descriptors.file(fd, RIGHT.fdAllocate);
    const end = toNumber(offset) + toNumber(length);
    if (length === 0n || !Number.isSafeInteger(end)) return ERRNO.inval;
    if (!isWritable) return ERRNO.rofs;
    guest.charge(COST.call);
    if (file.stat().size < end) file.truncate(end);
    return ERRNO.success;
  },
  // Advice, and nothing to do with it here.
  fd_advise: (guest, fd: number, _offset: bigint, _length: bigint, advice: number) => {
    guest.wasi.descriptors.file(fd, RIGHT.fdAdvise);
    return advice >>> 0 > MAX_ADVICE ? ERRNO.inval : ERRNO.success;
  },
  fd_sync: syncCall(RIGHT.fdSync),
  fd_datasync: syncCall(RIGHT.fdDatasync),
};
