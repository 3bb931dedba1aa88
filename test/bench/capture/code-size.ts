// Bytes of a module's code section.
import { ByteReader } from "../../../instrument/capture/bytes.ts";

export function codeBytes(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes, 8);
  while (reader.pos < bytes.length) {
    const id = reader.u8();
    const length = reader.u32();
    if (id === 10) return length;
    reader.pos += length;
  }
  return 0;
}
