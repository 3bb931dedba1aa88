// The memory management that is compiled into a guest: asc's, with lists of small blocks in front of its allocator
// (assembly/rt/quick-lists.ts). Both are asc's own files but for the lines below; a version of asc in which they read otherwise is refused.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { libraryFiles } from "assemblyscript/asc";
import { assemblyFolder } from "./package-root.ts";

interface LibraryFile {
  /** As diagnostics and source maps name it. */
  readonly name: string;
  readonly text: string;
}

const DECORATED = "// @ts-ignore: decorator\n@global @unsafe\nexport function ";
const GROW = [
  "    growMemory(root, payloadSize);",
  "    block = changetype<Block>(searchBlock(root, payloadSize));",
].join("\n");

/** Up to this the collector marks in one go: the roots are looked at once, and no other process waits for it, as a guest can be stopped anywhere. */
const SMALL_HEAP_BYTES = 16_384;

/** The allocator is set up when the program starts, and so once for all processes that begin with its image. */
const OWN_LINES = `import { reclaim } from "./quick-lists";
import "./quick-lists";
if (!ROOT) initialize();
`;

/** What stands in for asc's own files in guests whose objects are collected. */
export function memoryFiles(): LibraryFile[] {
  return [
    changed("rt/tlsf", OWN_LINES, [
      [`${DECORATED}__alloc(`, "export function tlsfAlloc("],
      [`${DECORATED}__free(`, "export function tlsfFree("],
      [GROW, `    if (reclaim()) block = searchBlock(root, payloadSize);\n    if (!block) {\n${GROW}\n    }`],
    ]),
    changed("rt/itcms", 'import { clear } from "./quick-lists";\n', [
      ["  memory.fill(ptr, 0, size);", "  clear(ptr, size);"],
      ["  linkTo(list: Object", "  @inline\n  linkTo(list: Object"],
      ["  unlink(): void {", "  @inline\n  unlink(): void {"],
      [
        "let threshold: usize = ((<usize>memory.size() << 16) - __heap_base) >> 1;",
        "let threshold: usize = GRANULARITY;",
      ],
      ["isDefined(ASC_GC_GRANULARITY) ? ASC_GC_GRANULARITY : 1024;", "256;"],
      [
        "threshold = total * (IDLEFACTOR / 100) + GRANULARITY;",
        "threshold = total * (IDLEFACTOR / 100) + 512;",
      ],
      [
        "      visitRoots(VISIT_SCAN);\n      iter = toSpace;",
        `      if (total > ${SMALL_HEAP_BYTES}) visitRoots(VISIT_SCAN);\n      iter = toSpace;`,
      ],
      ["      if (obj == toSpace) {", `      if (obj == toSpace || total <= ${SMALL_HEAP_BYTES}) {`],
    ]),
    {
      name: "~lib/rt/quick-lists.ts",
      text: readFileSync(join(assemblyFolder(), "rt", "quick-lists.ts"), "utf8"),
    },
  ];
}

function changed(
  file: string,
  added: string,
  replacements: readonly (readonly [string, string])[],
): LibraryFile {
  let text = libraryFiles[file] ?? "";
  for (const [from, to] of replacements) {
    if (!text.includes(from))
      throw new Error(`moonlet is broken: asc's ${file} has no ${JSON.stringify(from)}`);
    text = text.replace(from, to);
  }
  return { name: `~lib/${file}.ts`, text: `${text}\n${added}` };
}
