// A search tree of objects: allocation, pointers, a loop that walks down.
class Node {
  left: Node | null = null;
  right: Node | null = null;
  count: u32 = 0;
  constructor(public key: u32) {}
}

function find(root: Node, key: u32): Node {
  let node = root;
  while (node.key != key) {
    const next = key < node.key ? node.left : node.right;
    if (next !== null) node = next;
    else {
      const made = new Node(key);
      if (key < node.key) node.left = made;
      else node.right = made;
      return made;
    }
  }
  return node;
}

export function run(n: i32): u64 {
  const root = new Node(0x80000000);
  let seed: u32 = 7;
  let result: u64 = 0;
  for (let i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223;
    const node = find(root, (seed >> 12) | ((seed & 1) << 31));
    node.count += i;
    result += node.key ^ node.count;
  }
  return result;
}
