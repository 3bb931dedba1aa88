// Takes a module's binary apart into what the pass needs to know; everything else stays bytes.
import { ByteReader } from "./bytes.ts";
import { refuseUnknown } from "./refusal.ts";
import { ValueTypes } from "./value-types.ts";

export interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}
/** A section as it stood, without id and size. */
export interface Section {
  readonly id: number;
  /** Of a custom section. */
  readonly name?: string;
  readonly start: number;
  readonly end: number;
}
export interface FunctionInfo {
  readonly type: number;
  /** Where the body's locals begin and its bytes end; both 0 for an import. */
  readonly start: number;
  readonly end: number;
  readonly importName?: string;
}
export interface MemoryInfo {
  readonly imported: boolean;
  readonly memory64: boolean;
  readonly shared: boolean;
  readonly min: number;
  readonly max: number | undefined;
}
export interface TableInfo {
  readonly imported: boolean;
  readonly elementType: number;
  readonly table64: boolean;
  /** Of a table of the module's own. */
  readonly limits?: TableLimits;
}
export interface TableLimits {
  readonly min: number;
  readonly max: number | undefined;
  /** Where they stand in the binary. */
  readonly start: number;
  readonly end: number;
}
export interface GlobalInfo {
  readonly imported: boolean;
  readonly type: number;
  readonly mutable: boolean;
}
export interface ExportInfo {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

export class ModuleInfo {
  readonly bytes: Uint8Array;
  readonly sections: Section[] = [];
  /** By type index; undefined for a type that is not a function's. */
  readonly types: (FunctionType | undefined)[] = [];
  /** By type index: the types of a struct's fields, or of an array's elements; i8 and i16 as their bytes. */
  readonly fields: (readonly number[] | undefined)[] = [];
  /** Indices of array types. */
  readonly arrays = new Set<number>();
  /** Function types that the pass has added behind them. */
  readonly addedTypes: FunctionType[] = [];
  readonly valueTypes = new ValueTypes((index) => this.types[index] !== undefined);
  readonly functions: FunctionInfo[] = [];
  importedFunctions = 0;
  readonly tables: TableInfo[] = [];
  readonly memories: MemoryInfo[] = [];
  readonly globals: GlobalInfo[] = [];
  readonly tags: number[] = [];
  readonly exports: ExportInfo[] = [];
  startFunction = -1;
  /** Functions that a table, a global or ref.func may hold. */
  readonly addressTaken = new Set<number>();
  readonly functionNames = new Map<number, string>();
  /** Tables that an instruction may change. */
  readonly writtenTables = new Set<number>();
  /** Which instructions catch exceptions, if any do; known once all bodies have been read. */
  catches: "legacy" | "exnref" | undefined;
  /** Makes structs or arrays, or exceptions that hold exceptions: values on the engine's heap, as many as it likes. */
  allocates = false;
  elementSegments = 0;
  dataSegments = 0;
  /** Where the code section's contents begin. */
  codeStart = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  valueType(reader: ByteReader): number {
    return this.valueTypes.read(reader);
  }

  functionType(index: number): FunctionType {
    return this.types[index] ?? this.addedTypes[index - this.types.length]!;
  }

  typeOf(functionIndex: number): FunctionType {
    return this.types[this.functions[functionIndex]!.type]!;
  }

  nameOf(functionIndex: number): string {
    return this.functionNames.get(functionIndex) ?? `${functionIndex}`;
  }
}

export function readModule(bytes: Uint8Array): ModuleInfo {
  const info = new ModuleInfo(bytes);
  const reader = new ByteReader(bytes, 8);
  const declared: number[] = [];
  while (reader.pos < bytes.length) {
    const id = reader.u8();
    const size = reader.u32();
    const start = reader.pos;
    const end = start + size;
    if (id === 0) {
      const name = reader.name();
      info.sections.push({ id, name, start, end });
      if (name === "name") readNamesIfWellFormed(info, new ByteReader(bytes, reader.pos, end));
    } else {
      if (!READERS[id] && id !== DATA_COUNT) refuseUnknown(`a section ${id}`, start);
      info.sections.push({ id, start, end });
      READERS[id]?.(info, reader, declared);
    }
    reader.pos = end;
  }
  return info;
}

const DATA_COUNT = 12;

const READERS: Record<number, (info: ModuleInfo, reader: ByteReader, declared: number[]) => void> = {
  1: readTypes,
  2: readImports,
  3: (_info, reader, declared) => {
    for (let n = reader.u32(); n > 0; n--) declared.push(reader.u32());
  },
  4: (info, reader) => {
    for (let n = reader.u32(); n > 0; n--) {
      const withInit = reader.bytes[reader.pos] === 0x40;
      if (withInit) reader.pos += 2;
      const elementType = info.valueType(reader);
      const start = reader.pos;
      const { min, max, memory64: table64 } = readLimits(reader);
      info.tables.push({
        imported: false,
        elementType,
        table64,
        limits: { min, max, start, end: reader.pos },
      });
      if (withInit) skipConstant(info, reader);
    }
  },
  5: (info, reader) => {
    for (let n = reader.u32(); n > 0; n--) info.memories.push({ imported: false, ...readLimits(reader) });
  },
  6: (info, reader) => {
    for (let n = reader.u32(); n > 0; n--) {
      const type = info.valueType(reader);
      info.globals.push({ imported: false, type, mutable: reader.u8() === 1 });
      skipConstant(info, reader);
    }
  },
  7: (info, reader) => {
    for (let n = reader.u32(); n > 0; n--) {
      const name = reader.name();
      const kind = reader.u8();
      info.exports.push({ name, kind, index: reader.u32() });
    }
  },
  8: (info, reader) => {
    info.startFunction = reader.u32();
  },
  9: readElements,
  10: (info, reader, declared) => {
    info.codeStart = reader.pos;
    for (let i = 0, n = reader.u32(); i < n; i++) {
      const size = reader.u32();
      const start = reader.pos;
      info.functions.push({ type: declared[i]!, start, end: start + size });
      reader.pos = start + size;
    }
  },
  11: (info, reader) => {
    info.dataSegments = reader.u32();
  },
  13: (info, reader) => {
    for (let n = reader.u32(); n > 0; n--) {
      reader.u8();
      info.tags.push(reader.u32());
    }
  },
};

function readTypes(info: ModuleInfo, reader: ByteReader): void {
  for (let groups = reader.u32(); groups > 0; groups--) {
    let members = 1;
    if (reader.bytes[reader.pos] === 0x4e) {
      reader.pos++;
      members = reader.u32();
    }
    for (; members > 0; members--) info.types.push(readSubType(info, reader));
  }
}

function readSubType(info: ModuleInfo, reader: ByteReader): FunctionType | undefined {
  let form = reader.u8();
  if (form === 0x50 || form === 0x4f) {
    for (let n = reader.u32(); n > 0; n--) reader.u32();
    form = reader.u8();
  }
  if (form === 0x60) {
    const params = Array.from({ length: reader.u32() }, () => info.valueType(reader));
    const results = Array.from({ length: reader.u32() }, () => info.valueType(reader));
    return { params, results };
  }
  if (form !== 0x5f && form !== 0x5e)
    refuseUnknown(`a type of the form 0x${form.toString(16)}`, reader.pos - 1);
  const fields: number[] = [];
  for (let count = form === 0x5f ? reader.u32() : 1; count > 0; count--) {
    fields.push(info.valueType(reader));
    reader.u8();
  }
  info.fields[info.types.length] = fields;
  if (form === 0x5e) info.arrays.add(info.types.length);
  return undefined;
}

function readLimits(reader: ByteReader): {
  min: number;
  max: number | undefined;
  memory64: boolean;
  shared: boolean;
} {
  const flags = reader.u8();
  if (flags > 7) refuseUnknown(`limits with flags 0x${flags.toString(16)}`, reader.pos - 1);
  const min = reader.u64();
  const max = flags & 1 ? reader.u64() : undefined;
  return { min, max, shared: (flags & 2) !== 0, memory64: (flags & 4) !== 0 };
}

function readImports(info: ModuleInfo, reader: ByteReader): void {
  for (let n = reader.u32(); n > 0; n--) {
    const importName = `${reader.name()}.${reader.name()}`;
    const kind = reader.u8();
    if (kind === 0) {
      info.functions.push({ type: reader.u32(), start: 0, end: 0, importName });
      info.importedFunctions++;
    } else if (kind === 1) {
      const elementType = info.valueType(reader);
      info.tables.push({ imported: true, elementType, table64: readLimits(reader).memory64 });
    } else if (kind === 2) {
      info.memories.push({ imported: true, ...readLimits(reader) });
    } else if (kind === 3) {
      info.globals.push({ imported: true, type: info.valueType(reader), mutable: reader.u8() === 1 });
    } else if (kind === 4) {
      reader.u8();
      info.tags.push(reader.u32());
    } else refuseUnknown(`an import (${importName}) of the kind 0x${kind.toString(16)}`, reader.pos - 1);
  }
}

/** Skips a constant expression, noting the functions that it refers to. */
export function skipConstant(info: ModuleInfo, reader: ByteReader): void {
  for (;;) {
    const op = reader.u8();
    if (op === 0x0b) return;
    if (op === 0xd2) info.addressTaken.add(reader.u32());
    else if (op === 0x43) reader.pos += 4;
    else if (op === 0x44) reader.pos += 8;
    else if (op === 0xfd) {
      reader.u32();
      reader.pos += 16;
    } else if (op === 0xfb) {
      const sub = reader.u32();
      if (sub <= 8) reader.u32();
      if (sub === 8) reader.u32();
    } else if (op === 0x41 || op === 0x42 || op === 0x23 || op === 0xd0) reader.skipLeb();
    else if (!(op >= 0x6a && op <= 0x6c) && !(op >= 0x7c && op <= 0x7e))
      refuseUnknown(`a constant expression with 0x${op.toString(16)}`, reader.pos - 1);
  }
}

function readElements(info: ModuleInfo, reader: ByteReader): void {
  info.elementSegments = reader.u32();
  for (let n = info.elementSegments; n > 0; n--) {
    const flags = reader.u32();
    const active = (flags & 1) === 0;
    if (active && flags & 2) reader.u32();
    if (active) skipConstant(info, reader);
    if (flags & 4) {
      if (flags & 3) info.valueType(reader);
      for (let m = reader.u32(); m > 0; m--) skipConstant(info, reader);
    } else {
      if (flags & 3) reader.u8();
      for (let m = reader.u32(); m > 0; m--) info.addressTaken.add(reader.u32());
    }
  }
}

/** The engine does not look at names, so they may be anything; names that are broken are as good as none. */
function readNamesIfWellFormed(info: ModuleInfo, reader: ByteReader): void {
  try {
    readNames(info, reader);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    info.functionNames.clear();
  }
}

function readNames(info: ModuleInfo, reader: ByteReader): void {
  while (reader.pos < reader.end) {
    const id = reader.u8();
    const size = reader.u32();
    const end = reader.pos + size;
    if (id === 1) {
      for (let n = reader.u32(); n > 0; n--) {
        const index = reader.u32();
        info.functionNames.set(index, reader.name());
      }
    }
    reader.pos = end;
  }
}
