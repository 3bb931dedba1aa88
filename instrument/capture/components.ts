// What is known of a graph of calls, a list of nodes each leading to others: its cycles, and an order in which callees come before callers.

/** Of so many members of a component one is taken at a time, so that one of thousands takes no thousand rounds. */
const CHOSEN_AT_ONCE = 32;

/** True for a component with a cycle: all but single nodes that do not lead to themselves. */
export function isCyclic(nodes: readonly number[][], members: readonly number[]): boolean {
  return members.length > 1 || nodes[members[0]!]!.includes(members[0]!);
}

/**
 * Functions of a component such that every cycle leads through one. Each time that one is taken which most calls lead to and from, in a large
 * component several at once, as long as there are cycles left.
 */
export function breakCycles(
  nodes: readonly number[][],
  members: readonly number[],
  isFunction: (node: number) => boolean,
): Set<number> {
  const chosen = new Set<number>();
  const open = [members];
  for (let part = open.pop(); part; part = open.pop()) {
    const inside = new Set(part);
    const callers = new Map<number, number>();
    const callees = new Map<number, number>();
    for (const node of part) {
      for (const callee of nodes[node]!) {
        if (!inside.has(callee)) continue;
        callers.set(callee, (callers.get(callee) ?? 0) + 1);
        callees.set(node, (callees.get(node) ?? 0) + 1);
        if (callee === node) callers.set(node, Number.POSITIVE_INFINITY);
      }
    }
    const ways = (node: number) => callers.get(node)! * callees.get(node)!;
    const ranked = part.filter(isFunction).sort((x, y) => ways(y) - ways(x) || x - y);
    for (const node of ranked.slice(0, Math.ceil(part.length / CHOSEN_AT_ONCE))) {
      chosen.add(node);
      inside.delete(node);
    }
    for (const rest of componentsOf(nodes, [...inside])) if (isCyclic(nodes, rest)) open.push(rest);
  }
  return chosen;
}

/** The members of a component in an order in which callees come first, but for those that charge. */
export function calleesFirst(
  nodes: readonly number[][],
  members: readonly number[],
  charged: ReadonlySet<number>,
): number[] {
  const rest = componentsOf(
    nodes,
    members.filter((node) => !charged.has(node)),
  );
  return [...[...rest].flat(), ...charged];
}

/** The components of a part of the graph. */
function* componentsOf(nodes: readonly number[][], part: readonly number[]): Generator<number[]> {
  const place = new Map(part.map((node, k) => [node, k]));
  const edges = part.map((node) =>
    nodes[node]!.flatMap((callee) => (place.has(callee) ? [place.get(callee)!] : [])),
  );
  for (const members of components(edges)) yield members.map((k) => part[k]!);
}

/** Strongly connected components, callees before callers (Tarjan, without recursion). */
export function* components(nodes: readonly number[][]): Generator<number[]> {
  const order = new Int32Array(nodes.length).fill(-1);
  const low = new Int32Array(nodes.length);
  const onStack = new Uint8Array(nodes.length);
  const stack: number[] = [];
  const work: number[] = [];
  const next: number[] = [];
  let counter = 0;
  for (let root = 0; root < nodes.length; root++) {
    if (order[root] !== -1) continue;
    work.push(root);
    next.push(0);
    while (work.length > 0) {
      const node = work[work.length - 1]!;
      let edge = next[next.length - 1]!;
      if (edge === 0) {
        order[node] = low[node] = counter++;
        stack.push(node);
        onStack[node] = 1;
      }
      const edges = nodes[node]!;
      let descended = false;
      while (edge < edges.length) {
        const callee = edges[edge++]!;
        if (order[callee] === -1) {
          next[next.length - 1] = edge;
          work.push(callee);
          next.push(0);
          descended = true;
          break;
        }
        if (onStack[callee]) low[node] = Math.min(low[node]!, order[callee]!);
      }
      if (descended) continue;
      work.pop();
      next.pop();
      const parent = work[work.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
      if (low[node] === order[node]) {
        const members: number[] = [];
        let member: number;
        do {
          member = stack.pop()!;
          onStack[member] = 0;
          members.push(member);
        } while (member !== node);
        yield members;
      }
    }
  }
}
