// Imports: checked once for a program, granted and made for each guest.
import { MoonletError } from "../otp/error.ts";
import { callUnits } from "./call-units.ts";
import { CALLS_ON_TRIAL } from "./code-change.ts";
import { suggestion } from "./did-you-mean.ts";
import type { GrantName, GrantSet } from "./grant.ts";
import type { Guest } from "./guest.ts";
import { GuestExit, GuestFault } from "./guest-fault.ts";
import type { Machine } from "./machine.ts";
import { formatFunctionType, type ModuleTypes, sameFunctionType } from "./module-types.ts";
import type { Program } from "./program.ts";
import { assertStackRoom } from "./stack-room.ts";
import type { Namespace, Syscall } from "./syscall.ts";
import { SYSCALL_NAMES, SYSCALLS } from "./syscalls/index.ts";

function find(module: string, name: string): Syscall | undefined {
  const namespace: Namespace | undefined = Object.hasOwn(SYSCALLS, module) ? SYSCALLS[module] : undefined;
  return namespace && Object.hasOwn(namespace, name) ? namespace[name] : undefined;
}

/** Throws unless every import is a syscall and has its type. */
export function checkImports(program: string, module: WebAssembly.Module, types: ModuleTypes): void {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const wanted = `${from}.${name}`;
    const syscall = find(from, name);
    if (!syscall) {
      throw new MoonletError(
        "E_UNKNOWN_IMPORT",
        `unknown import "${wanted}" in ${program}.${suggestion(wanted, SYSCALL_NAMES)}`,
        {
          hint: "guest-sdk/ABI.md lists every import that a guest may use.",
        },
      );
    }
    if (kind !== "function") {
      throw new MoonletError(
        "E_IMPORT_TYPE",
        `the import "${wanted}" in ${program} is a ${kind}, expected a function`,
      );
    }
    const type = types.functionImports.find((found) => found.module === from && found.name === name)?.type;
    if (type && !sameFunctionType(type, syscall.type)) {
      throw new MoonletError(
        "E_IMPORT_TYPE",
        `the import "${wanted}" in ${program} has the type ${formatFunctionType(type)}, expected ${formatFunctionType(syscall.type)}`,
        { hint: "guest-sdk/ABI.md gives the type of every import." },
      );
    }
  }
}

interface WantedSyscall {
  readonly from: string;
  readonly name: string;
  readonly syscall: Syscall;
}

/** Looked up once for a module: asking V8 for a dozen imports takes 9 us, and every spawn needs them. */
const wanted = new WeakMap<WebAssembly.Module, readonly WantedSyscall[]>();

function wantedSyscalls(module: WebAssembly.Module): readonly WantedSyscall[] {
  let list = wanted.get(module);
  if (!list) {
    list = WebAssembly.Module.imports(module).flatMap(({ module: from, name, kind }) => {
      const syscall = kind === "function" ? find(from, name) : undefined;
      return syscall ? [{ from, name, syscall }] : [];
    });
    wanted.set(module, list);
  }
  return list;
}

/** The grants that a program's imports need, each with the imports that need it. */
export function neededGrants(module: WebAssembly.Module): Map<GrantName, string[]> {
  const needed = new Map<GrantName, string[]>();
  for (const { from, name, syscall } of wantedSyscalls(module)) {
    const { grant } = syscall;
    if (grant) needed.set(grant, [...(needed.get(grant) ?? []), `${from}.${name}`]);
  }
  return needed;
}

/** The first grant that a program's imports need and these do not open. */
export function lackingGrant({ module }: Program, grants: GrantSet): GrantName | undefined {
  for (const grant of neededGrants(module).keys()) if (!grants.opens(grant)) return grant;
  return undefined;
}

/** Throws E_NOT_GRANTED when a program imports what the grants do not open. */
export function checkGrants(program: string, module: WebAssembly.Module, grants: GrantSet): void {
  for (const [grant, imports] of neededGrants(module)) {
    if (grants.opens(grant)) continue;
    const list = imports.map((name) => `"${name}"`).join(", ");
    throw new MoonletError("E_NOT_GRANTED", `${program} imports ${list}, which needs the grant "${grant}"`, {
      hint: `Pass grants: ["${grant}"] to host.spawn or createHost, or --grant ${grant} to moonlet run.`,
    });
  }
}

/** The imports of one machine: each acts for the guest that sits there when it is called. */
export function linkImports(machine: Machine): WebAssembly.Imports {
  return link(machine.program.module, ({ from, name, syscall }) => bind(machine, syscall, `${from}.${name}`));
}

/** Imports of which none may be called. */
export function linkNothing(machine: Machine): WebAssembly.Imports {
  return link(machine.program.module, ({ from, name }) => () => {
    throw new Error(`${from}.${name} was called where there is no process`);
  });
}

function link(module: WebAssembly.Module, make: (wanted: WantedSyscall) => Import): WebAssembly.Imports {
  const imports: Record<string, WebAssembly.ModuleImports> = {};
  for (const wanted of wantedSyscalls(module)) {
    imports[wanted.from] ??= {};
    imports[wanted.from]![wanted.name] = make(wanted);
  }
  return imports;
}

type Import = (...args: never[]) => unknown;

/** By hand for the usual numbers of parameters: gathering and spreading them costs more than most syscalls. */
function bind(machine: Machine, syscall: Syscall, name: string): Import {
  const { grant } = syscall;
  const granted = syscall.call as (guest: Guest, ...args: unknown[]) => unknown;
  const call: typeof granted =
    grant === undefined
      ? granted
      : syscall.type.params.length > 8
        ? (guest, ...args) =>
            guest.grants.opens(grant) ? granted(guest, ...args) : denied(guest, name, grant, syscall)
        : (guest, a, b, c, d, e, f, g, h) =>
            guest.grants.opens(grant)
              ? granted(guest, a, b, c, d, e, f, g, h)
              : denied(guest, name, grant, syscall);
  const isFree = CALLS_ON_TRIAL.has(name);
  const units = callUnits(name);
  const seat = (): Guest => {
    assertStackRoom();
    const guest = machine.guest!;
    if (guest.onTrial && !isFree) throw new GuestFault("not_ready", `${name} was called before code.ready`);
    return guest;
  };
  const seated = (): Guest => {
    const guest = seat();
    guest.charge(units);
    return guest;
  };
  const isLinkedByHand = grant === undefined && syscall.link !== undefined;
  if (machine.watchesCalls) {
    const enter = isLinkedByHand ? seat : seated;
    return (...args) => watched(enter(), name, (guest) => call(guest, ...args));
  }
  if (isLinkedByHand) return syscall.link!(seat);
  switch (syscall.type.params.length) {
    case 0:
      return () => call(seated());
    case 1:
      return (a) => call(seated(), a);
    case 2:
      return (a, b) => call(seated(), a, b);
    case 3:
      return (a, b, c) => call(seated(), a, b, c);
    case 4:
      return (a, b, c, d) => call(seated(), a, b, c, d);
    case 5:
      return (a, b, c, d, e) => call(seated(), a, b, c, d, e);
    case 6:
      return (a, b, c, d, e, f) => call(seated(), a, b, c, d, e, f);
    case 8:
      return (a, b, c, d, e, f, g, h) => call(seated(), a, b, c, d, e, f, g, h);
    default:
      return (...args) => call(seated(), ...args);
  }
}

/** A call that the guest's parent kept for itself: it answers `not_granted`, or does nothing where it has no answer. */
function denied(
  guest: Guest,
  name: string,
  grant: GrantName,
  { type }: Syscall,
): number | bigint | undefined {
  const error = guest.log.refuseGrant(name, grant);
  const [result] = type.results;
  return result === "i64" ? BigInt(error) : result === undefined ? undefined : error;
}

/** A syscall at which the guest may be killed, before or after it took effect. */
function watched(guest: Guest, name: string, syscall: (guest: Guest) => unknown): unknown {
  const nth = countCall(guest, name);
  if (guest.faults?.killAtCall?.(name, nth, "before")) throw new GuestExit("killed", "final");
  const result = syscall(guest);
  if (guest.faults?.killAtCall?.(name, nth, "after")) {
    guest.leave("killed", "final");
    // A call that waits has begun to capture the stack; the guest ends when that is done.
    if (!guest.suspending) throw new GuestExit("killed", "final");
  }
  return result;
}

const calls = new WeakMap<Guest, Map<string, number>>();

/** How many syscalls of this name the guest has made, this one included. */
function countCall(guest: Guest, name: string): number {
  let own = calls.get(guest);
  if (!own) {
    own = new Map();
    calls.set(guest, own);
  }
  const nth = (own.get(name) ?? 0) + 1;
  own.set(name, nth);
  return nth;
}
