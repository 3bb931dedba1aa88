// Process groups against a model: lists of members, through joining, leaving, dying and monitors, which have to tell every change.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { GroupMessage } from "../../../host/otp/envelope.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import type { Ref } from "../../../host/otp/ref.ts";
import { waiter, world } from "../support/world.ts";

const PROCESSES = 4;
const GROUPS = ["g", "h"] as const;
const group = fc.constantFrom(...GROUPS);
const some = fc.array(fc.nat(PROCESSES - 1), { minLength: 1, maxLength: 3 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("join" as const), group, some }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("leave" as const), group, some }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("die" as const), process: fc.nat(PROCESSES - 1) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("killGroup" as const), group }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("monitor" as const), group }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("demonitor" as const) }) },
);

/** A monitor's own idea of its group, made of what it was told. */
interface Watched {
  readonly ref: Ref;
  readonly group: string;
  readonly start: readonly Pid[];
}

it("groups are lists of their members, and monitors can keep up with them", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const { runtime } = world();
      const watcher = runtime.process(runtime.spawn(waiter))!;
      const pids = Array.from({ length: PROCESSES }, () => runtime.spawn(waiter));
      const model = new Map<string, Pid[]>(GROUPS.map((name) => [name, []]));
      let watched: Watched[] = [];
      const die = (pid: Pid): void => {
        for (const [name, members] of model)
          model.set(
            name,
            members.filter((member) => member !== pid),
          );
        pids[pids.indexOf(pid)] = runtime.spawn(waiter);
      };
      for (const next of steps) {
        switch (next.type) {
          case "join": {
            const joining = next.some.map((index) => pids[index]!);
            runtime.groups.join(next.group, joining);
            model.get(next.group)!.unshift(...joining);
            break;
          }
          case "leave": {
            const members = model.get(next.group)!;
            const leaving = next.some.map((index) => pids[index]!);
            const gone = leaving.filter((pid) => {
              const place = members.indexOf(pid);
              if (place >= 0) members.splice(place, 1);
              return place >= 0;
            });
            expect(runtime.groups.leave(next.group, leaving)).toBe(gone.length > 0);
            break;
          }
          case "die": {
            const pid = pids[next.process]!;
            runtime.kill(pid);
            die(pid);
            break;
          }
          case "killGroup": {
            const members = new Set(model.get(next.group));
            expect(runtime.killGroup(next.group)).toBe(members.size);
            members.forEach(die);
            break;
          }
          case "monitor": {
            const [ref, start] = runtime.groups.monitor(watcher, next.group);
            expect(start).toEqual(model.get(next.group));
            watched.push({ ref, group: next.group, start });
            break;
          }
          case "demonitor": {
            const [oldest, ...rest] = watched;
            if (oldest === undefined) break;
            expect(runtime.groups.demonitor(watcher, oldest.ref)).toBe(true);
            expect(runtime.groups.demonitor(watcher, oldest.ref)).toBe(false);
            watched = rest;
            break;
          }
        }
        for (const name of GROUPS) expect(runtime.members(name)).toEqual(model.get(name));
        expect(runtime.groups.groups().sort()).toEqual(GROUPS.filter((name) => model.get(name)!.length > 0));
      }
      const told = Array.from(watcher.mailbox, (envelope) => envelope.value as GroupMessage);
      expect(told.every((message) => watched.some(({ ref }) => ref.equals(message.ref)))).toBe(true);
      for (const { ref, group: name, start } of watched) {
        const members = [...start];
        for (const message of told) {
          if (!ref.equals(message.ref)) continue;
          for (const pid of message.pids) {
            if (message.type === "join") members.push(pid);
            // A list that leaves is told as it was named, with those that were no members.
            else if (members.includes(pid)) members.splice(members.indexOf(pid), 1);
          }
        }
        const byNumber = (a: Pid, b: Pid) => a.number - b.number;
        expect(members.sort(byNumber)).toEqual([...model.get(name)!].sort(byNumber));
      }
    }),
    { numRuns: 100, seed: 122 },
  );
});
