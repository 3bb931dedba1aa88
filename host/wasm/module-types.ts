// Reads from a Wasm binary what `WebAssembly.Module.imports` and `exports` do not tell: the types of functions, and memory limits.
// The bytes have passed WebAssembly.validate; what this reader does not know is skipped, never guessed.

export interface FunctionType {
  readonly params: readonly string[];
  readonly results: readonly string[];
}
export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly type: FunctionType;
}
export interface ModuleTypes {
  readonly functionImports: readonly FunctionImport[];
  /** Types of exported functions by export name; a type that this reader does not know is absent. */
  readonly functionExports: ReadonlyMap<string, FunctionType>;
  /** What its memories have at the start, together. */
  readonly memoryBytes: number;
  /** And its tables; Infinity where this reader does not know one. */
  readonly tableEntries: number;
}

const PAGE_BYTES = 65_536;
const VALUE_TYPES: Readonly<Record<number, string>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
  112: "funcref",
  111: "externref",
};

/** `(i32, i32) -> i32`. */
export function formatFunctionType(type: FunctionType): string {
  const results = type.results.length === 1 ? type.results[0] : `(${type.results.join(", ")})`;
  return `(${type.params.join(", ")}) -> ${results}`;
}

export function sameFunctionType(a: FunctionType, b: FunctionType): boolean {
  return a.params.join() === b.params.join() && a.results.join() === b.results.join();
}

/** Reads a valid module's function types. Modules with GC type definitions give no types: everything about them is left to the engine. */
export function readModuleTypes(bytes: Uint8Array): ModuleTypes {
  const reader = new Reader(bytes, 8);
  let types: (FunctionType | undefined)[] = [];
  const functionImports: FunctionImport[] = [];
  /** Type index of every function, imports first. */
  const functions: number[] = [];
  const functionExports = new Map<string, FunctionType>();
  let memoryBytes = 0;
  let tableEntries = 0;
  while (!reader.done) {
    const id = reader.byte();
    const size = reader.u32();
    const section = new Reader(bytes.subarray(reader.at, reader.at + size), 0);
    reader.at += size;
    if (id === 1) types = section.list(() => section.functionType());
    else if (id === 2) {
      section.list(() => {
        const module = section.name();
        const name = section.name();
        const index = section.importedFunction();
        if (index === undefined) return;
        functions.push(index);
        const type = types[index];
        if (type) functionImports.push({ module, name, type });
      });
    } else if (id === 3) {
      for (const index of section.list(() => section.u32())) functions.push(index);
    } else if (id === 4) {
      const tables = section.list(() => section.table());
      tableEntries = section.done ? sum(tables) : Number.POSITIVE_INFINITY;
    } else if (id === 5) {
      memoryBytes = sum(section.list(() => section.limits())) * PAGE_BYTES;
    } else if (id === 7) {
      section.list(() => {
        const name = section.name();
        const kind = section.byte();
        const type = types[functions[section.u32()] ?? -1];
        if (kind === 0 && type) functionExports.set(name, type);
      });
    }
  }
  return { functionImports, functionExports, memoryBytes, tableEntries };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Thrown within this file where a section holds something newer than it knows. */
const UNKNOWN = Symbol("unknown encoding");

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }
  byte(): number {
    return this.#bytes[this.at++] ?? 0;
  }
  u32(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128 || this.done) return value;
      scale *= 128;
    }
  }
  name(): string {
    const length = this.u32();
    this.at += length;
    return new TextDecoder().decode(this.#bytes.subarray(this.at - length, this.at));
  }
  /** A vector; stops early at an encoding that is not known. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    try {
      for (let n = this.u32(); n > 0 && !this.done; n--) items.push(item());
    } catch (error) {
      if (error !== UNKNOWN) throw error;
    }
    return items;
  }
  valueType(): string {
    const name = VALUE_TYPES[this.byte()];
    if (name === undefined) throw UNKNOWN;
    return name;
  }
  functionType(): FunctionType {
    if (this.byte() !== 0x60) throw UNKNOWN;
    const types = () => {
      const found: string[] = [];
      for (let n = this.u32(); n > 0; n--) found.push(this.valueType());
      return found;
    };
    return { params: types(), results: types() };
  }
  /** Reads an import's description; the type index of a function, undefined for anything else. */
  importedFunction(): number | undefined {
    switch (this.byte()) {
      case 0:
        return this.u32();
      case 1:
        this.valueType();
        this.limits();
        return undefined;
      case 2:
        this.limits();
        return undefined;
      case 3:
        this.valueType();
        this.byte();
        return undefined;
      case 4:
        this.byte();
        this.u32();
        return undefined;
      default:
        throw UNKNOWN;
    }
  }
  /** The number of entries that a table begins with. */
  table(): number {
    this.valueType();
    return this.limits();
  }
  /** The smaller of the two, which is what there is at the start. */
  limits(): number {
    const flags = this.byte();
    const least = this.u32();
    if (flags & 1) this.u32();
    return least;
  }
}
