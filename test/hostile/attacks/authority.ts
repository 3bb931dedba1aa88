// What it may do and use: more of it by way of children, of loans, and of other code.
import { compileInline } from "../../../host/compile-inline.ts";
import { atom } from "../../../host/otp/term/index.ts";
import { LIVES, NORMAL, type Subject, traps } from "../attack.ts";
import { expectResult, forever, type GuestData, guest, main } from "../guest-text.ts";
import type { Town } from "../town.ts";
import { VICTIM_NAME } from "../victim.ts";

const NOT_GRANTED = -5;
const REVOKED = -9;
const PAGE = 65_536;
const NONE = "(i32.const 0) (i32.const 0)";
const OUT = "(i32.const 4096) (i32.const 2048)";
const wait = (ms: number) => `(drop (call $message.receive ${NONE} ${NONE} (i32.const ${ms})))`;
const self = "(i32.const 512) (call $process.self (i32.const 512) (i32.const 64))";
const GRANT = "register:own.*";
/** Tries to do what it may not, and goes on as if it had not. */
const register = ({ term }: GuestData, name = "own.x") =>
  `(call $registry.register ${term(atom(name))} ${self})`;
/** A child of this entry, with no more than these grants; its pid is at the address, its length in the local. */
const spawn = ({ term }: GuestData, entry: string, grants: readonly string[], at = 1024) =>
  `(local.set $n (call $process.spawn ${term(entry)} ${NONE} ${term({ grants: grants.map((grant) => atom(grant)) })} (i32.const ${at}) (i32.const 256)))`;
const lend = ({ text }: GuestData, at = 1024) =>
  `(drop (call $grant.lend ${text(GRANT)} (i32.const ${at}) (local.get $n) (i32.const 2048) (i32.const 256)))`;
const entry = (name: string, body: string) =>
  `(func (export "${name}") (local $i i32) (local $n i32) (local $m i32) ${body})`;
/** Waits until it has the grant, and longer until it has it no more. */
const whileLent = ({ text }: GuestData, then: string) => `
  (loop $until ${wait(1)} (br_if $until (i32.ne (call $grant.has ${text(GRANT)}) (i32.const 1))))
  ${then}
  (loop $while ${wait(1)} (br_if $while (i32.eq (call $grant.has ${text(GRANT)}) (i32.const 1))))`;

/** Nobody has got a name, which is what each of them is after. */
const noNames = ({ host }: Town) => {
  const names = host.runtime.registered().filter((name) => name !== VICTIM_NAME);
  return names.length > 0 ? [`the name ${names[0]} was taken`] : [];
};
const laundering = { always: noNames, options: { grants: ["spawn", GRANT] as const } };

/** The module is a term with its bytes: loads it and changes to it, with the empty list as its state. */
const changeTo = ({ bytes, term }: GuestData, module: Uint8Array) => `
  (local.set $m (call $code.load ${bytes(module)} (i32.const 1024) (i32.const 256)))
  ;; {ok, Ref}: the reference begins at the seventh byte, and needs the version before it.
  (if (i32.ne (i32.load16_u (i32.const 1029)) (i32.const 0x6b6f)) (then (call $wasi.proc_exit (i32.const 100))))
  (i32.store8 (i32.const 1030) (i32.const 131))
  (local.set $i (call $code.change (i32.const 1030) (i32.sub (local.get $m) (i32.const 6)) ${NONE} ${term([])} (i32.const 2048) (i32.const 1024)))`;
const ready = "(drop (call $code.ready))";
const changed = (body: string, more = "") => guest(`${more} ${entry("code_change", body)}`);
/** Changes to that module, which has to fail. */
const refusedCode = (module: () => Uint8Array) => () =>
  guest((data) =>
    main(`${changeTo(data, module())} ${expectResult("(i32.gt_s (local.get $i) (i32.const 0))", 1, 1)}`),
  );
const withCode = (limits: object = {}) => ({
  options: { grants: ["code"] as const, limits },
  host: { compile: compileInline },
  turns: 5000,
});

export const authority: Subject = {
  name: "authority",
  attacks: [
    {
      tries: "gets a grant back that was kept from its child, by children of that child",
      module: () =>
        guest(
          (data) => `
          ${entry(
            "child",
            `${expectChild(data, [GRANT])} ${expectChild(data, ["register"])} ${expectChild(data, ["register:*"])} ${expectChild(data, ["register:own.x"])}
            (drop ${register(data)}) ${spawn(data, "grandchild", ["spawn"])} ${wait(-1)}`,
          )}
          ${entry("grandchild", `(drop ${register(data)}) ${expectChild(data, [GRANT])} ${spawn(data, "grandchild", ["spawn"])}`)}
          ${main(`${expectResult(register(data, "other"), NOT_GRANTED, 1)} ${expectChild(data, ["register:ow*"])} ${spawn(data, "child", ["spawn"])} ${wait(-1)}`)}`,
        ),
      ...laundering,
      turns: 2000,
      ends: LIVES,
    },
    {
      tries:
        "has what it lent be lent on by the borrower, and takes it back: whoever has it then has it no more",
      module: () =>
        guest(
          (data) => `
          ${entry("child", whileLent(data, `${spawn(data, "grandchild", ["spawn"])} ${lend(data)}`))}
          ${entry("grandchild", `${whileLent(data, "")} ${expectResult(register(data), REVOKED, 1)} ${wait(-1)}`)}
          ${main(`${spawn(data, "child", ["spawn"])} ${lend(data)} (local.set $m (i32.const 60))
            ${wait(40)} (if (i32.eqz (call $grant.revoke (i32.const 2048) (i32.const 35))) (then (call $wasi.proc_exit (i32.const 1)))) ${wait(-1)}`)}`,
        ),
      ...laundering,
      turns: 2000,
      check: (town) => (town.attackers().length < 2 ? ["somebody ended: a grant was not taken back"] : []),
      ends: LIVES,
    },
    {
      tries: "gives children what was only lent to it",
      module: () =>
        guest(
          (data) => `
          ${entry("child", whileLent(data, `${expectChild(data, [GRANT])} ${spawn(data, "grandchild", ["spawn"])} ${wait(-1)}`))}
          ${entry("grandchild", `(drop ${register(data)}) ${wait(-1)}`)}
          ${main(`${spawn(data, "child", ["spawn"])} ${lend(data)} ${wait(-1)}`)}`,
        ),
      ...laundering,
      turns: 2000,
      ends: LIVES,
    },
    {
      tries: "lends what it has, and dies: the borrower must not have it any longer",
      module: () =>
        guest(
          (data) => `
          ${entry("child", `${whileLent(data, "")} (drop ${register(data)}) ${wait(-1)}`)}
          ${main(`${spawn(data, "child", ["spawn"])} ${lend(data)} ${wait(20)}`)}`,
        ),
      ...laundering,
      turns: 2000,
      ends: NORMAL,
    },
    {
      tries: "lends what it has not got",
      module: () =>
        guest(
          (data) =>
            `${entry("child", wait(-1))} ${main(`${spawn(data, "child", ["spawn"])}
            ${expectResult(`(call $grant.lend ${data.text("kill")} (i32.const 1024) (local.get $n) ${OUT})`, NOT_GRANTED, 1)}
            ${expectResult(`(call $grant.lend ${data.text("register:other")} (i32.const 1024) (local.get $n) ${OUT})`, NOT_GRANTED, 2)}
            ${expectResult(`(call $grant.lend ${data.text("directory:/:write")} (i32.const 1024) (local.get $n) ${OUT})`, NOT_GRANTED, 3)}`)}`,
        ),
      ...laundering,
      ends: NORMAL,
    },
    {
      tries: "lends without end, in a circle",
      module: () =>
        guest(
          (
            data,
          ) => `${entry("child", forever(`(local.set $n (call $process.argument (i32.const 1024) (i32.const 256))) ${lend(data)}`))}
          ${main(`(local.set $n (call $process.spawn ${data.term("child")} ${self} ${data.term({ grants: [atom("spawn")] })} (i32.const 1024) (i32.const 256)))
            (local.set $m (local.get $n)) ${forever(lend(data))}`)}`,
        ),
      ...laundering,
      turns: 2000,
      ends: LIVES,
    },
    {
      tries: "asks for grants without end",
      module: () => guest(({ text }) => main(forever(`(drop (call $grant.ask ${text("kill")}))`))),
      host: { ask: () => false },
      check: ({ auditRecords, logLines }) =>
        auditRecords > 400 || logLines > 3000 ? [`${auditRecords} records, ${logLines} lines`] : [],
      ends: LIVES,
    },
    {
      tries: "changes its code to begin anew with its fuel",
      module: () => guest((data) => main(changeTo(data, changed(`${ready} ${forever("")}`)))),
      ...withCode({ fuel: 3_000_000 }),
      ends: traps("fuel_exhausted"),
    },
    {
      tries: "changes its code to have more memory than it may",
      module: refusedCode(() => changed(`${ready} ${forever("")}`, '(memory (export "memory") 40)')),
      ...withCode(),
      ends: NORMAL,
    },
    {
      tries: "changes its code to grow beyond what it may have",
      module: () =>
        guest((data) =>
          main(changeTo(data, changed(`${ready} ${forever("(drop (memory.grow (i32.const 1)))")}`))),
        ),
      ...withCode({ subtree: { memoryBytes: 20 * PAGE } }),
      always: (town) => {
        const bytes = town
          .attackers()
          .reduce((sum, pid) => sum + town.host.runtime.process(pid)!.memoryBytes, 0);
        return bytes > 20 * PAGE ? [`it has ${bytes} bytes`] : [];
      },
      ends: LIVES,
    },
    {
      tries: "changes its code to have larger tables than it may",
      module: refusedCode(() =>
        changed(`(drop (table.grow $t (ref.null func) (i32.const 1))) ${ready}`, "(table $t 5000 funcref)"),
      ),
      ...withCode({ tableElements: 1000 }),
      ends: NORMAL,
    },
    {
      tries: "changes its code to one that calls what it was not granted",
      module: refusedCode(() =>
        changed(`${ready} (drop (call $stdio.write (i32.const 1) (i32.const 0) (i32.const 8)))`),
      ),
      ...withCode(),
      check: ({ outputBytes }) => (outputBytes > 0 ? ["something was written"] : []),
      ends: NORMAL,
    },
    {
      tries: "acts on others with code that is not ready",
      module: refusedCode(() =>
        guest(({ term }) =>
          entry(
            "code_change",
            `(drop (call $message.send ${term(atom(VICTIM_NAME))} ${term("while nobody is looking")})) ${ready}`,
          ),
        ),
      ),
      ...withCode(),
      ends: NORMAL,
    },
    {
      tries: "changes to code that is never ready",
      module: refusedCode(() => changed(forever(""))),
      ...withCode(),
      ends: NORMAL,
    },
    {
      tries: "loads code without end",
      module: () =>
        guest(({ bytes }) =>
          main(forever(`(drop (call $code.load ${bytes(changed(ready))} (i32.const 1024) (i32.const 256)))`)),
        ),
      ...withCode({ subtree: { memoryBytes: 20 * PAGE } }),
      turns: 1500,
      always: (town) => {
        const bytes = town
          .attackers()
          .reduce((sum, pid) => sum + town.host.runtime.process(pid)!.memoryBytes, 0);
        return bytes > 20 * PAGE ? [`it has ${bytes} bytes, its code included`] : [];
      },
      ends: LIVES,
    },
    {
      tries: "lends its code to the victim",
      module: () =>
        guest(({ bytes }) =>
          main(`(local.set $m (call $code.load ${bytes(changed(ready))} (i32.const 1024) (i32.const 256)))
            (i32.store8 (i32.const 1030) (i32.const 131))
            ${expectResult("(call $code.lend (i32.const 1030) (i32.sub (local.get $m) (i32.const 6)) (i32.const 0) (call $victim))", NOT_GRANTED, 1)}`),
        ),
      ...withCode(),
      ends: NORMAL,
    },
  ],
};

/** A child with these grants is refused, or whoever asked ends with the exit code 50. */
function expectChild({ term }: GuestData, grants: readonly string[]): string {
  const options = term({ grants: grants.map((grant) => atom(grant)) });
  return expectResult(
    `(call $process.spawn ${term("grandchild")} ${NONE} ${options} ${OUT})`,
    NOT_GRANTED,
    50,
  );
}
