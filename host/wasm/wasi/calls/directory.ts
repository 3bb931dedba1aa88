// fd_readdir: the entries of a directory. A cookie is the number of entries before it; the listing is kept on the descriptor, so that
// reading on from a cookie gives every entry once, whatever is made or removed meanwhile. Cookie 0 begins a new listing.
import type { Guest } from "../../guest.ts";
import { type Calls, COST, toNumber, writeU32 } from "../call.ts";
import type { DirectoryDescriptor, Listing } from "../descriptors.ts";
import { ERRNO } from "../errno.ts";
import type { Directory, DirectoryEntry } from "../file-system.ts";
import { DIRENT_BYTES, direntHead } from "../layout.ts";
import { RIGHT } from "../rights.ts";

const encoder = new TextEncoder();

function newListing(descriptor: DirectoryDescriptor): Listing {
  descriptor.listing?.more.return?.();
  const listing: Listing = {
    entries: [
      { name: ".", type: "directory" },
      { name: "..", type: "directory" },
    ],
    more: descriptor.directory.list(),
  };
  descriptor.listing = listing;
  return listing;
}

/** The entry with this number; undefined after the last. */
function entryAt(guest: Guest, { entries, more }: Listing, index: number): DirectoryEntry | undefined {
  while (entries.length <= index) {
    const { value } = more.next();
    if (value === undefined) return undefined;
    guest.charge(COST.entry);
    entries.push(value);
  }
  return entries[index];
}

/** 0 for the directory above, which is none of the guest's business, and for what is gone. */
function inodeOf(directory: Directory, name: string): bigint {
  if (name === "..") return 0n;
  try {
    return name === "." ? directory.statSelf().inode : directory.stat(name).inode;
  } catch {
    return 0n;
  }
}

export const directoryCalls: Calls = {
  fd_readdir: (guest, fd: number, out: number, length: number, cookie: bigint, usedOut: number) => {
    const descriptor = guest.wasi.descriptors.directory(fd, RIGHT.fdReaddir);
    const buffer = guest.memory.borrow(out, length, "fd_readdir");
    guest.memory.check(usedOut, 4, "fd_readdir");
    guest.charge(COST.call);
    let index = toNumber(cookie);
    const listing = index === 0 ? newListing(descriptor) : (descriptor.listing ?? newListing(descriptor));
    let used = 0;
    while (used < buffer.length) {
      const entry = entryAt(guest, listing, index);
      if (!entry) break;
      index++;
      const name = encoder.encode(entry.name);
      const inode = inodeOf(descriptor.directory, entry.name);
      const head = direntHead(index, inode, name.length, entry.type);
      // The last one is cut off where the buffer ends.
      buffer.set(head.subarray(0, buffer.length - used), used);
      used = Math.min(buffer.length, used + DIRENT_BYTES);
      buffer.set(name.subarray(0, buffer.length - used), used);
      used = Math.min(buffer.length, used + name.length);
    }
    writeU32(guest, usedOut, used);
    return ERRNO.success;
  },
};
