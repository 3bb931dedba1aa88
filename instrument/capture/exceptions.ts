// How an exception travels through captured frames. A frame that is resumed by itself throws into the loop that resumes; that loop keeps the
// exception in cells and goes on to the next frame, which throws it again where its call stood, inside the same try. With exnref it is
// kept as it is; modules with legacy handlers know exceptions only by tag, so every tag's values have cells, and errors of the host come
// wrapped in a tag of the pass's own.
import { type Additions, RESERVED } from "./additions.ts";
import type { ByteWriter } from "./bytes.ts";
import { type Cells, call, getGlobal, i32, setGlobal } from "./cells.ts";
import type { FunctionType, ModuleInfo } from "./module-reader.ts";
import { EXNREF, EXTERNREF, I32, Op } from "./opcodes.ts";

/** Name of the added tag that carries an error of the host, an externref, through legacy handlers. */
export const FOREIGN = "foreign";
/** Beginning of the names of the cells; between two slices they are empty. */
export const THROWN = "thrown";

export class Exceptions {
  /** A try holds a resume point: frames can have to throw. Known once all functions are written. */
  used = false;
  readonly #info: ModuleInfo;
  readonly #cells: Cells;
  readonly #added: Additions;
  #foreign = -1;

  constructor(info: ModuleInfo, cells: Cells) {
    this.#info = info;
    this.#cells = cells;
    this.#added = cells.added;
  }

  get #isLegacy(): boolean {
    return this.#info.catches === "legacy";
  }

  blockType(out: ByteWriter, { params, results }: FunctionType): void {
    if (params.length > 0 || results.length > 1) out.s32(this.#added.type(params, results));
    else if (results.length === 0) out.u8(0x40);
    else this.#info.valueTypes.write(out, results[0]!);
  }

  tagTypes(tag: number): readonly number[] {
    const type = this.#info.tags[tag];
    return type === undefined ? [EXTERNREF] : this.#info.functionType(type).params;
  }

  /** Every tag of a legacy module, that of the host's errors last. */
  allTags(): number[] {
    if (this.#foreign < 0) this.#foreign = this.#added.tag(FOREIGN, [EXTERNREF]);
    return [...this.#info.tags.map((_, tag) => tag), this.#foreign];
  }

  /** Exports a legacy module's tags, so that the driver can tell its exceptions from others. */
  exportTags(): void {
    if (!this.#isLegacy) return;
    this.#info.tags.forEach((_, index) => {
      this.#added.exports.push({ name: `${RESERVED}tag_${index}`, kind: 4, index });
    });
  }

  /** Where a frame goes on behind its call, on the path for fuel below zero: throws what the callee has thrown, if it has. */
  rethrow(out: ByteWriter): void {
    call(out, this.#isLegacy ? this.#legacyHelper() : this.#helper());
  }

  /** Writes an instruction (`emit`, which takes what is on the stack) so that what it throws is kept. */
  guard(out: ByteWriter, emit: () => void): void {
    if (this.#isLegacy) {
      out.bytes(Op.try, 0x40);
      emit();
      for (const tag of this.allTags()) {
        out.u8(Op.catch);
        out.u32(tag);
        const values = this.#values(tag);
        for (let k = values.length - 1; k >= 0; k--) setGlobal(out, values[k]!);
        i32(out, tag + 1);
        setGlobal(out, this.#which());
      }
      out.u8(Op.end);
      return;
    }
    out.bytes(Op.block, 0x40, Op.block, EXNREF, Op.tryTable, 0x40, 1, 3, 0);
    emit();
    out.bytes(Op.end, Op.br, 1, Op.end);
    setGlobal(out, this.#exception());
    out.u8(Op.end);
  }

  /** Leaves a number that is not zero when an exception is kept. */
  isThrown(out: ByteWriter): void {
    if (this.#isLegacy) getGlobal(out, this.#which());
    else {
      getGlobal(out, this.#exception());
      out.bytes(Op.refIsNull, Op.i32Eqz);
    }
  }

  /** Forgets what is kept: at the start of a slice nothing is, unless a guest has forged its frames. */
  clear(out: ByteWriter): void {
    if (this.#isLegacy) {
      i32(out, 0);
      setGlobal(out, this.#which());
    } else {
      out.bytes(Op.refNull, EXNREF);
      setGlobal(out, this.#exception());
    }
  }

  #which(): number {
    return this.#added.global(THROWN, I32);
  }

  #exception(): number {
    return this.#added.global(THROWN, EXNREF);
  }

  #values(tag: number): number[] {
    return this.tagTypes(tag).map((type, k) =>
      this.#added.global(`${THROWN}_${tag}_${k}`, this.#info.valueTypes.nullable(type)),
    );
  }

  #legacyHelper(): number {
    return this.#added.helper("rethrow", [], [], (out) => {
      out.u8(0);
      this.#returnIfNone(out);
      for (const tag of this.allTags()) {
        getGlobal(out, this.#which());
        i32(out, tag + 1);
        out.bytes(Op.i32Eq, Op.if, 0x40);
        i32(out, 0);
        setGlobal(out, this.#which());
        const types = this.tagTypes(tag);
        this.#values(tag).forEach((value, k) => {
          getGlobal(out, value);
          if (this.#info.valueTypes.isNonNull(types[k]!)) out.u8(Op.refAsNonNull);
          if (!this.#info.valueTypes.isReference(types[k]!)) return;
          this.#info.valueTypes.writeNull(out, types[k]!);
          setGlobal(out, value);
        });
        out.u8(Op.throw);
        out.u32(tag);
        out.u8(Op.end);
      }
      out.bytes(Op.unreachable, Op.end);
    });
  }

  #helper(): number {
    return this.#added.helper("rethrow", [], [], (out) => {
      out.u8(0);
      this.#returnIfNone(out);
      getGlobal(out, this.#exception());
      out.bytes(Op.refNull, EXNREF);
      setGlobal(out, this.#exception());
      out.bytes(Op.throwRef, Op.end);
    });
  }

  /** Also takes back the mark on the fuel that led here. */
  #returnIfNone(out: ByteWriter): void {
    this.isThrown(out);
    out.bytes(Op.i32Eqz, Op.if, 0x40, Op.return, Op.end);
    getGlobal(out, this.#cells.fuel);
    i32(out, 2 ** 31 - 1);
    out.u8(Op.i32And);
    setGlobal(out, this.#cells.fuel);
    i32(out, 0);
    setGlobal(out, this.#cells.stopping);
  }
}
