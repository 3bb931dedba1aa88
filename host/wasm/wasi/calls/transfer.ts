// fd_read, fd_write, fd_pread, fd_pwrite, fd_seek and fd_tell. Reading standard input suspends the process until there is something,
// and writing while whoever takes the output asks for patience.
import type { Guest } from "../../guest.ts";
import { type Calls, COST, readVectors, toNumber, writeU32 } from "../call.ts";
import type { FileDescriptor } from "../descriptors.ts";
import { ERRNO, fail } from "../errno.ts";
import { FD_FLAG } from "../fd-flags.ts";
import { RIGHT } from "../rights.ts";

const WHENCE = { set: 0, current: 1, end: 2 } as const;

/** Reads from a position on until a buffer is not filled. */
function readFile(
  { file, isSeekable }: FileDescriptor,
  buffers: readonly Uint8Array[],
  position: number,
): number {
  let total = 0;
  for (const buffer of buffers) {
    const count = file.read(buffer, isSeekable ? position + total : undefined);
    total += count;
    if (count < buffer.length) break;
  }
  return total;
}

function writeFile(descriptor: FileDescriptor, buffers: readonly Uint8Array[], position: number): number {
  const { file, isSeekable, flags } = descriptor;
  let total = 0;
  for (const buffer of buffers) {
    const count = file.write(buffer, isSeekable ? position + total : undefined);
    total += count;
    if (count < buffer.length) break;
  }
  if (flags & (FD_FLAG.sync | FD_FLAG.dsync)) file.sync();
  return total;
}

function chargeWrite(guest: Guest, { flags }: FileDescriptor): void {
  guest.charge(flags & (FD_FLAG.sync | FD_FLAG.dsync) ? COST.sync : COST.call);
}

/** Takes from standard input what there is; undefined when there is nothing yet. */
function takeInput(guest: Guest, vectors: number, count: number, out: number): number | undefined {
  const { input } = guest.surroundings;
  if (!input?.isReady) return undefined;
  let total = 0;
  for (const buffer of readVectors(guest, vectors, count, "fd_read")) {
    const taken = input.read(buffer) ?? 0;
    total += taken;
    if (taken < buffer.length || input.available === 0) break;
  }
  writeU32(guest, out, total);
  return ERRNO.success;
}

function readInput(guest: Guest, flags: number, vectors: number, count: number, out: number): number {
  const { input } = guest.surroundings;
  if (!input || !guest.grants.has("stdin") || readVectors(guest, vectors, count, "fd_read").length === 0) {
    writeU32(guest, out, 0);
    return ERRNO.success;
  }
  const errno = takeInput(guest, vectors, count, out);
  if (errno !== undefined) return errno;
  if (flags & FD_FLAG.nonblock) return ERRNO.again;
  const { process, wasi } = guest;
  const listen = () => wasi.beginWait(input.whenReady(() => process.wake()));
  listen();
  return guest.wait(() => {
    const errno = takeInput(guest, vectors, count, out);
    // Another process that reads the same input was quicker, or it was a message that woke this one.
    if (errno === undefined) listen();
    else wasi.endWait();
    return errno;
  }, undefined);
}

function writeOutput(guest: Guest, stream: 1 | 2, vectors: number, count: number, out: number): number {
  const buffers = readVectors(guest, vectors, count, "fd_write");
  const at = guest.memory.check(out, 4, "fd_write");
  let total = 0;
  let full: Promise<unknown> | undefined;
  for (const buffer of buffers) {
    full = guest.output.write(stream, buffer) ?? full;
    total += buffer.length;
  }
  guest.memory.view().setUint32(at, total, true);
  return full ? guest.waitFor(full, ERRNO.success) : ERRNO.success;
}

export const transferCalls: Calls = {
  fd_read: (guest, fd: number, vectors: number, count: number, out: number) => {
    const descriptor = guest.wasi.descriptors.get(fd);
    if ((descriptor.rights & RIGHT.fdRead) === 0n) {
      return descriptor.type === "directory" ? ERRNO.isdir : ERRNO.badf;
    }
    guest.memory.check(out, 4, "fd_read");
    if (descriptor.type === "stream") return readInput(guest, descriptor.flags, vectors, count, out);
    const file = guest.wasi.descriptors.file(fd, RIGHT.fdRead);
    const buffers = readVectors(guest, vectors, count, "fd_read");
    guest.charge(COST.call);
    const total = readFile(file, buffers, file.position);
    file.position += total;
    writeU32(guest, out, total);
    return ERRNO.success;
  },
  fd_write: (guest, fd: number, vectors: number, count: number, out: number) => {
    const descriptor = guest.wasi.descriptors.get(fd);
    if ((descriptor.rights & RIGHT.fdWrite) === 0n) {
      return descriptor.type === "directory" ? ERRNO.isdir : ERRNO.badf;
    }
    if (descriptor.type === "stream")
      return writeOutput(guest, descriptor.stream === 1 ? 1 : 2, vectors, count, out);
    const file = guest.wasi.descriptors.file(fd, RIGHT.fdWrite);
    const buffers = readVectors(guest, vectors, count, "fd_write");
    const at = guest.memory.check(out, 4, "fd_write");
    chargeWrite(guest, file);
    const isAppending = (file.flags & FD_FLAG.append) !== 0 && file.isSeekable;
    const position = isAppending ? Number(file.file.stat().size) : file.position;
    const total = writeFile(file, buffers, position);
    file.position = position + total;
    guest.memory.view().setUint32(at, total, true);
    return ERRNO.success;
  },
  fd_pread: (guest, fd: number, vectors: number, count: number, offset: bigint, out: number) => {
    const file = guest.wasi.descriptors.file(fd, RIGHT.fdRead | RIGHT.fdSeek);
    if (!file.isSeekable) return ERRNO.spipe;
    guest.memory.check(out, 4, "fd_pread");
    const buffers = readVectors(guest, vectors, count, "fd_pread");
    guest.charge(COST.call);
    writeU32(guest, out, readFile(file, buffers, toNumber(offset)));
    return ERRNO.success;
  },
  fd_pwrite: (guest, fd: number, vectors: number, count: number, offset: bigint, out: number) => {
    const file = guest.wasi.descriptors.file(fd, RIGHT.fdWrite | RIGHT.fdSeek);
    if (!file.isSeekable) return ERRNO.spipe;
    const buffers = readVectors(guest, vectors, count, "fd_pwrite");
    const at = guest.memory.check(out, 4, "fd_pwrite");
    chargeWrite(guest, file);
    const total = writeFile(file, buffers, toNumber(offset));
    guest.memory.view().setUint32(at, total, true);
    return ERRNO.success;
  },
  fd_seek: (guest, fd: number, offset: bigint, whence: number, out: number) => {
    const isTelling = whence === WHENCE.current && offset === 0n;
    const file = guest.wasi.descriptors.file(fd, isTelling ? RIGHT.fdTell : RIGHT.fdSeek);
    if (!file.isSeekable) return ERRNO.spipe;
    const at = guest.memory.check(out, 8, "fd_seek");
    const position = BigInt(startOf(file, whence)) + offset;
    if (position < 0n) return ERRNO.inval;
    file.position = toNumber(position);
    guest.memory.view().setBigUint64(at, position, true);
    return ERRNO.success;
  },
  fd_tell: (guest, fd: number, out: number) => {
    const file = guest.wasi.descriptors.file(fd, RIGHT.fdTell);
    if (!file.isSeekable) return ERRNO.spipe;
    const at = guest.memory.check(out, 8, "fd_tell");
    guest.memory.view().setBigUint64(at, BigInt(file.position), true);
    return ERRNO.success;
  },
};

function startOf(file: FileDescriptor, whence: number): number | bigint {
  if (whence === WHENCE.set) return 0;
  if (whence === WHENCE.current) return file.position;
  if (whence === WHENCE.end) return file.file.stat().size;
  return fail(ERRNO.inval);
}
