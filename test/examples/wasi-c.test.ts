// C programs as processes, built here with clang and wasi-libc.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import type { GuestSpawnOptions, HostOptions } from "../../host/options.ts";
import { compileC, hasLibc } from "../support/clang.ts";

const folder = mkdtempSync(join(tmpdir(), "moonlet-c-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compile(name: string, source: string): string {
  const [input, output] = [join(folder, `${name}.c`), join(folder, `${name}.wasm`)];
  writeFileSync(input, source);
  compileC(input, output, { libc: true });
  return output;
}

async function run(name: string, source: string, options: HostOptions = {}, spawn: GuestSpawnOptions = {}) {
  let [out, err] = ["", ""];
  await using host = new Host({
    grants: ["stdio", "stdin"],
    write: (stream, bytes) => {
      const text = new TextDecoder().decode(bytes);
      if (stream === 1) out += text;
      else err += text;
    },
    ...options,
  });
  const program = await host.load(compile(name, source));
  const reason = await host.exited(host.spawn(program, "_start", spawn));
  return { reason, out, err };
}

// Skipped where clang, lld or wasi-libc are not installed.
describe.skipIf(!hasLibc)("a C program", { timeout: 120_000 }, () => {
  const words = readFileSync("examples/wasi-c/words.c", "utf8");

  it("reads standard input and files, and reports what it cannot open", async () => {
    expect(await run("words", words, { stdin: "one two\nthree" })).toEqual({
      reason: "normal",
      out: "3\n",
      err: "",
    });
    writeFileSync(join(folder, "text"), "to be or not to be");
    const directories = [{ host: folder, guest: "/texts" }];
    const args = ["/texts/text", "/texts/none", "/etc/passwd"];
    expect(await run("words", words, { directories }, { args })).toMatchObject({
      out: "6 /texts/text\n",
      err: expect.stringMatching(/^\/texts\/none: No such file or directory\n\/etc\/passwd: /),
      reason: ["exit_code", 1],
    });
  });

  it("writes, lists, renames and removes files", async () => {
    const source = `
      #include <dirent.h>
      #include <stdio.h>
      #include <string.h>
      #include <sys/stat.h>
      #include <unistd.h>
      int main(void) {
        if (mkdir("/box/folder", 0777)) return 1;
        FILE *file = fopen("/box/folder/a", "w+");
        fprintf(file, "%d %s", 42, "words");
        rewind(file);
        char text[32] = {0};
        fgets(text, sizeof text, file);
        fclose(file);
        if (rename("/box/folder/a", "/box/folder/b")) return 2;
        struct stat info;
        if (stat("/box/folder/b", &info)) return 3;
        printf("%s, %lld bytes:", text, (long long) info.st_size);
        DIR *folder = opendir("/box/folder");
        for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) printf(" %s", entry->d_name);
        closedir(folder);
        if (!rmdir("/box/folder")) return 4;
        if (unlink("/box/folder/b") || rmdir("/box/folder")) return 5;
        if (access("/box/folder", F_OK) == 0) return 6;
        puts("");
        return 0;
      }`;
    const directories = [{ host: folder, guest: "/box", mode: "write" as const }];
    const { reason, out } = await run("files", source, { directories });
    expect([reason, out.trim().split(" ").sort()]).toEqual([
      "normal",
      [".", "..", "42", "8", "b", "bytes:", "words,"],
    ]);
  });

  it("that loops for ever holds up nobody, and ends by its fuel or by being killed", async () => {
    const spin = compile("spin", "int main(void) { for (volatile int i = 0;; i++); }");
    const nap = compile(
      "nap",
      "#include <unistd.h>\nint main(void) { for (int i = 0; i < 5; i++) usleep(1000); return 9; }",
    );
    await using host = new Host();
    const [spinning, napping] = [await host.load(spin), await host.load(nap)];
    const endless = [1, 2].map(() => host.spawn(spinning));
    const limited = host.spawn(spinning, "_start", { limits: { fuel: 1e7 } });
    expect(await host.exited(host.spawn(napping))).toEqual(["exit_code", 9]);
    expect(await host.exited(limited)).toMatchObject({ kind: "fuel_exhausted" });
    const ends = endless.map((pid) => host.exited(pid));
    for (const pid of endless) {
      expect(host.info(pid)?.reductions).toBeGreaterThan(0);
      host.kill(pid);
    }
    expect(await Promise.all(ends)).toEqual(["killed", "killed"]);
  });

  it("gets no more memory than its limit, and learns it from malloc", async () => {
    const source = `
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      char *volatile kept;
      int main(void) {
        int blocks = 0;
        for (; (kept = malloc(65536)); blocks++) memset(kept, 1, 65536);
        printf("%d\\n", blocks);
        return 0;
      }`;
    const { reason, out } = await run("memory", source, { limits: { memoryBytes: 4 * 2 ** 20 } });
    expect(reason).toBe("normal");
    expect(Number(out)).toBeGreaterThan(40);
    expect(Number(out)).toBeLessThan(64);
  });

  it("aborts, and runs out of stack, as a trap of its own", async () => {
    const abort = await run("abort", "#include <stdlib.h>\nint main(void) { abort(); }");
    expect(abort.reason).toMatchObject({ type: "trap", kind: "unreachable" });
    const recurse =
      "int deep(int n) { volatile char pad[64]; pad[n & 63] = n; return n < 0 ? 0 : deep(n + 1) + pad[0]; }";
    const { reason } = await run(
      "deep",
      `${recurse}\nint main(int argc, char **argv) { return deep(argc); }`,
    );
    expect(reason).toMatchObject({ type: "trap" });
  });
});
