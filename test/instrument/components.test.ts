import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakCycles, calleesFirst, components, isCyclic } from "../../instrument/capture/components.ts";

/** What some nodes lead to without coming through a charged one has no cycle. */
function hasCycle(nodes: readonly number[][], without: ReadonlySet<number>): boolean {
  const state = new Map<number, "open" | "done">();
  const visit = (node: number): boolean => {
    if (without.has(node) || state.get(node) === "done") return false;
    if (state.get(node) === "open") return true;
    state.set(node, "open");
    const found = nodes[node]!.some(visit);
    state.set(node, "done");
    return found;
  };
  return nodes.some((_, node) => visit(node));
}

const graphs = fc
  .integer({ min: 1, max: 60 })
  .chain((size) =>
    fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 4 }), { minLength: size, maxLength: size }),
  );

describe("the functions that charge for a cycle of calls", () => {
  it("are one for two functions that call each other", () => {
    expect(breakCycles([[1], [0]], [0, 1], () => true).size).toBe(1);
  });

  it("are all those that call themselves", () => {
    expect(
      breakCycles(
        [
          [0, 1],
          [1, 0],
        ],
        [0, 1],
        () => true,
      ),
    ).toEqual(new Set([0, 1]));
  });

  it("are never what only stands for a type", () => {
    expect(breakCycles([[1], [0]], [0, 1], (node) => node === 1)).toEqual(new Set([1]));
  });

  it("lie on every cycle, whatever calls whatever", () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const charged = new Set<number>();
        for (const members of components(nodes)) {
          if (isCyclic(nodes, members))
            for (const node of breakCycles(nodes, members, () => true)) charged.add(node);
        }
        expect(hasCycle(nodes, charged)).toBe(false);
      }),
    );
  });

  it("come after what they call that does not charge, and so does all else", () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        for (const members of components(nodes)) {
          if (!isCyclic(nodes, members)) continue;
          const charged = breakCycles(nodes, members, () => true);
          const order = calleesFirst(nodes, members, charged);
          expect([...order].sort((x, y) => x - y)).toEqual([...members].sort((x, y) => x - y));
          for (const node of order) {
            for (const callee of nodes[node]!) {
              if (!members.includes(callee) || charged.has(callee)) continue;
              expect(order.indexOf(callee)).toBeLessThan(order.indexOf(node));
            }
          }
        }
      }),
    );
  });
});
