// Puts a module together again: original sections, with what the pass adds appended to theirs.

import type { Additions } from "./additions.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { MAX_TABLE_ELEMENTS } from "./module-limits.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { F32, F64, I32, I64, V128 } from "./opcodes.ts";

export interface ModuleParts {
  readonly info: ModuleInfo;
  readonly added: Additions;
  /** Code of each function that is not as it was, without the size. */
  readonly rewritten: ReadonlyMap<number, Uint8Array>;
  /** Resume versions in the order of their numbers, and the index of the table that holds them. */
  readonly resumable: readonly number[];
  readonly resumeTable: number;
  /** What goes on by number: the resume version or the single version; and the index of the table that holds them. */
  readonly versions: readonly number[];
  readonly versionTable: number;
  /** Offsets in a function's code, by its index, of branches that are hardly ever taken: told to engines that take hints. */
  readonly coldBranches: ReadonlyMap<number, readonly number[]>;
  /** Functions in a passive segment behind all others, for references that are made by number. */
  readonly referable: readonly number[];
  /** Pages added to each memory with 32-bit addresses, and those of a memory that is added. */
  readonly pages: number;
  readonly ownMemory: boolean;
  readonly dropStart: boolean;
  /** Contents of the data section where it is not as it was. */
  readonly data?: Uint8Array;
  /** A function to run at instantiation, which fills in what the data section leaves open. */
  readonly dataFunction?: number;
  /** Custom sections to add, once it is known where each function's code lies; `before` is all that stands before them. */
  readonly customSections: (
    codeOffsets: ReadonlyMap<number, number>,
    before: Uint8Array,
  ) => readonly { readonly name: string; readonly contents: Uint8Array }[];
}

export interface WrittenModule {
  readonly wasm: Uint8Array;
  /** Offset in the binary of each function's code, by function index; the size before it is not included. */
  readonly codeOffsets: ReadonlyMap<number, number>;
}

/** Order in which sections stand in a binary, by id; custom sections stay behind the one they followed. */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
const DROPPED_CUSTOM =
  /^(sourceMappingURL|reloc\..*|linking|metadata\.code\..*|\.debug_.*|external_debug_info)$/;

export function writeModule(parts: ModuleParts): WrittenModule {
  const { info } = parts;
  const out = new ByteWriter(info.bytes.length * 2 + 4096);
  out.raw(info.bytes, 0, 8);
  const codeOffsets = new Map<number, number>();
  const known = new Map(
    info.sections.filter((section) => section.id !== 0).map((section) => [section.id, section]),
  );
  const copyCustom = (after: number) => {
    let last = 0;
    for (const section of info.sections) {
      if (section.id !== 0) last = section.id;
      else if (last === after && !DROPPED_CUSTOM.test(section.name!)) {
        const contents = new ByteWriter(section.end - section.start + 8);
        contents.raw(info.bytes, section.start, section.end);
        writeSection(out, 0, contents);
      }
    }
  };
  copyCustom(0);
  for (const id of ORDER) {
    const section = known.get(id);
    const contents = new ByteWriter(section ? section.end - section.start + 256 : 256);
    const old = section && new ByteReader(info.bytes, section.start, section.end);
    const writer = WRITERS[id];
    let written = false;
    if (id === 10 && parts.coldBranches.size > 0) writeHints(out, parts.coldBranches);
    if (id === 10) {
      const offsets = writeCode(contents, parts);
      written = contents.length > 1;
      if (written) {
        const sizeLength = lebLength(contents.length);
        for (const [index, offset] of offsets) codeOffsets.set(index, out.length + 1 + sizeLength + offset);
      }
    } else if (writer) written = writer(contents, old, parts);
    else if (old) {
      contents.raw(info.bytes, old.pos, old.end);
      written = true;
    }
    if (written) writeSection(out, id, contents);
    copyCustom(id);
  }
  for (const { name, contents } of parts.customSections(codeOffsets, out.view())) {
    const section = new ByteWriter(contents.length + 32);
    section.name(name);
    section.raw(contents);
    writeSection(out, 0, section);
  }
  return { wasm: out.view().slice(), codeOffsets };
}

function writeSection(out: ByteWriter, id: number, contents: ByteWriter): void {
  out.u8(id);
  out.sized(contents);
}

/** The section `metadata.code.branch_hint` (WebAssembly proposal "branch hinting"): each hint is one byte, 0 for not taken. */
function writeHints(out: ByteWriter, branches: ReadonlyMap<number, readonly number[]>): void {
  const contents = new ByteWriter(1024);
  contents.name("metadata.code.branch_hint");
  const functions = [...branches].filter(([, offsets]) => offsets.length > 0).sort(([x], [y]) => x - y);
  contents.u32(functions.length);
  for (const [index, offsets] of functions) {
    contents.u32(index);
    contents.u32(offsets.length);
    for (const offset of offsets) {
      contents.u32(offset);
      contents.bytes(1, 0);
    }
  }
  writeSection(out, 0, contents);
}

function lebLength(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++;
  return length;
}

type SectionWriter = (out: ByteWriter, old: ByteReader | undefined, parts: ModuleParts) => boolean;

/** Copies the old entries behind a count that `extra` more join. */
function appendTo(out: ByteWriter, old: ByteReader | undefined, extra: number): boolean {
  const count = old ? old.u32() : 0;
  if (count + extra === 0) return false;
  out.u32(count + extra);
  if (old) out.raw(old.bytes, old.pos, old.end);
  return true;
}

/** Copies the module's own tables, with the limit on their size for those that have none or a higher one. */
function copyTables(out: ByteWriter, old: ByteReader, info: ModuleInfo): void {
  let at = old.pos;
  for (const { limits, table64 } of info.tables) {
    if (limits === undefined) continue;
    out.raw(old.bytes, at, limits.start);
    out.u8(table64 ? 5 : 1);
    out.u32(limits.min);
    out.u32(Math.min(limits.max ?? MAX_TABLE_ELEMENTS, MAX_TABLE_ELEMENTS));
    at = limits.end;
  }
  out.raw(old.bytes, at, old.end);
}

const WRITERS: Record<number, SectionWriter> = {
  1: (out, old, { info, added }) => {
    const some = appendTo(out, old, added.types.length);
    for (const { params, results } of added.types) {
      out.u8(0x60);
      for (const types of [params, results]) {
        out.u32(types.length);
        for (const type of types) info.valueTypes.write(out, type);
      }
    }
    return some;
  },
  2: (out, old, parts) => {
    if (!old) return false;
    const { memories } = parts.info;
    if (parts.pages === 0 || !memories[0]?.imported) {
      out.raw(old.bytes, old.pos, old.end);
      return true;
    }
    let memory = 0;
    const count = old.u32();
    out.u32(count);
    for (let i = 0; i < count; i++) {
      const start = old.pos;
      old.name();
      old.name();
      const kind = old.u8();
      if (kind === 2 && !memories[memory++]!.memory64) {
        out.raw(old.bytes, start, old.pos);
        copyLimits(out, old, parts.pages);
        continue;
      }
      if (kind === 0) old.u32();
      else if (kind === 1) {
        parts.info.valueType(old);
        skipLimits(old);
      } else if (kind === 2) skipLimits(old);
      else if (kind === 3) {
        parts.info.valueType(old);
        old.u8();
      } else {
        old.u8();
        old.u32();
      }
      out.raw(old.bytes, start, old.pos);
    }
    return true;
  },
  3: (out, old, { added }) => {
    const some = appendTo(out, old, added.functions.length);
    for (const { type } of added.functions) out.u32(type);
    return some;
  },
  4: (out, old, { info, added, resumable, resumeTable, versionTable }) => {
    const some = appendTo(out, undefined, (old?.u32() ?? 0) + added.tables.length);
    if (old) copyTables(out, old, info);
    for (const { index, type } of added.tables) {
      out.u8(type);
      if (index === resumeTable || index === versionTable) {
        out.u8(1);
        out.u32(resumable.length);
        out.u32(resumable.length);
      } else {
        out.u8(0);
        out.u32(0);
      }
    }
    return some;
  },
  5: (out, old, { info, pages, ownMemory }) => {
    const count = old?.u32() ?? 0;
    const extra = ownMemory && pages > 0 ? 1 : 0;
    if (count + extra === 0) return false;
    out.u32(count + extra);
    for (const { imported, memory64 } of info.memories) {
      if (imported) continue;
      const start = old!.pos;
      if (memory64 || pages === 0) {
        skipLimits(old!);
        out.raw(old!.bytes, start, old!.pos);
      } else copyLimits(out, old!, pages);
    }
    if (extra > 0) {
      out.u8(1);
      out.u32(pages);
      out.u32(pages);
    }
    return true;
  },
  6: (out, old, { info, added }) => {
    const some = appendTo(out, old, added.globals.length);
    for (const { type, init } of added.globals) {
      info.valueTypes.write(out, type);
      out.u8(1);
      if (type === I32) {
        out.u8(0x41);
        out.s32(init);
      } else if (type === I64) out.bytes(0x42, 0);
      else if (type === F32) out.bytes(0x43, 0, 0, 0, 0);
      else if (type === F64) out.bytes(0x44, 0, 0, 0, 0, 0, 0, 0, 0);
      else if (type === V128) out.bytes(0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      else info.valueTypes.writeNull(out, type);
      out.u8(0x0b);
    }
    return some;
  },
  7: (out, old, { added }) => {
    const some = appendTo(out, old, added.exports.length);
    for (const { name, kind, index } of added.exports) {
      out.name(name);
      out.u8(kind);
      out.u32(index);
    }
    return some;
  },
  13: (out, old, { added }) => {
    const some = appendTo(out, old, added.tags.length);
    for (const { type } of added.tags) {
      out.u8(0);
      out.u32(type);
    }
    return some;
  },
  8: (out, old, { dropStart, dataFunction }) => {
    if (dataFunction !== undefined) {
      out.u32(dataFunction);
      return true;
    }
    if (!old || dropStart) return false;
    out.raw(old.bytes, old.pos, old.end);
    return true;
  },
  9: (out, old, { added, resumable, resumeTable, versions, versionTable, referable }) => {
    const extra = [resumable, versions, referable, added.declared].filter((list) => list.length > 0).length;
    const some = appendTo(out, old, extra);
    for (const [table, functions] of [
      [resumeTable, resumable],
      [versionTable, versions],
    ] as const) {
      if (functions.length === 0) continue;
      out.u32(2);
      out.u32(table);
      out.bytes(0x41, 0, 0x0b, 0);
      out.u32(functions.length);
      for (const index of functions) out.u32(index);
    }
    if (referable.length > 0) {
      out.bytes(1, 0);
      out.u32(referable.length);
      for (const index of referable) out.u32(index);
    }
    if (added.declared.length > 0) {
      out.bytes(3, 0);
      out.u32(added.declared.length);
      for (const index of added.declared) out.u32(index);
    }
    return some;
  },
  11: (out, old, { data }) => {
    if (!old) return false;
    if (data) out.raw(data);
    else out.raw(old.bytes, old.pos, old.end);
    return true;
  },
  12: (out, old, { info, dataFunction }) => {
    if (old) out.raw(old.bytes, old.pos, old.end);
    else if (dataFunction !== undefined) {
      const data = info.sections.find(({ id }) => id === 11)!;
      out.u32(new ByteReader(info.bytes, data.start, data.end).u32());
    }
    return old !== undefined || dataFunction !== undefined;
  },
};

/** Writes all bodies; gives each function's offset in the section. */
function writeCode(out: ByteWriter, { info, added, rewritten }: ModuleParts): [number, number][] {
  const offsets: [number, number][] = [];
  out.u32(info.functions.length - info.importedFunctions + added.functions.length);
  const write = (index: number, code: Uint8Array, from: number, to: number) => {
    out.u32(to - from);
    offsets.push([index, out.length]);
    out.raw(code, from, to);
  };
  for (let i = info.importedFunctions; i < info.functions.length; i++) {
    const code = rewritten.get(i);
    if (code) write(i, code, 0, code.length);
    else write(i, info.bytes, info.functions[i]!.start, info.functions[i]!.end);
  }
  for (const { index, body, name } of added.functions) {
    if (!body) throw new Error(`invariant: function ${name} was added without a body`);
    write(index, body.view(), 0, body.length);
  }
  return offsets;
}

function copyLimits(out: ByteWriter, old: ByteReader, pages: number): void {
  const flags = old.u8();
  out.u8(flags);
  out.u32(old.u32() + pages);
  if (flags & 1) out.u32(Math.min(65_535, old.u32() + pages));
}

function skipLimits(old: ByteReader): void {
  const flags = old.u8();
  old.skipLeb();
  if (flags & 1) old.skipLeb();
}
