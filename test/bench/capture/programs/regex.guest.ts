// A backtracking matcher of regular expressions: characters, ., classes, *, +, ?, anchors.
let pattern = "";
let text = "";

function endOfAtom(p: i32): i32 {
  if (pattern.charCodeAt(p) !== 0x5b) return p + 1;
  while (pattern.charCodeAt(p) !== 0x5d) p++;
  return p + 1;
}

function fits(p: i32, c: i32): bool {
  const atom = pattern.charCodeAt(p);
  if (atom === 0x2e) return true;
  if (atom !== 0x5b) return atom === c;
  const negated = pattern.charCodeAt(p + 1) === 0x5e;
  let found = false;
  for (let i = negated ? p + 2 : p + 1; pattern.charCodeAt(i) !== 0x5d; i++) {
    const low = pattern.charCodeAt(i);
    if (pattern.charCodeAt(i + 1) === 0x2d && pattern.charCodeAt(i + 2) !== 0x5d) {
      if (c >= low && c <= pattern.charCodeAt(i + 2)) found = true;
      i += 2;
    } else if (low === c) found = true;
  }
  return found !== negated;
}

function matchHere(p: i32, t: i32): i32 {
  if (p >= pattern.length) return t;
  if (pattern.charCodeAt(p) === 0x24 && p + 1 === pattern.length) return t === text.length ? t : -1;
  const next = endOfAtom(p);
  const repeat = next < pattern.length ? pattern.charCodeAt(next) : 0;
  if (repeat !== 0x2a && repeat !== 0x2b && repeat !== 0x3f) {
    return t < text.length && fits(p, text.charCodeAt(t)) ? matchHere(next, t + 1) : -1;
  }
  const least = repeat === 0x2b ? 1 : 0;
  const most = repeat === 0x3f ? 1 : i32.MAX_VALUE;
  let count = 0;
  while (count < most && t + count < text.length && fits(p, text.charCodeAt(t + count))) count++;
  for (; count >= least; count--) {
    const end = matchHere(next + 1, t + count);
    if (end >= 0) return end;
  }
  return -1;
}

export function run(n: i32): u64 {
  const parts: string[] = [];
  for (let i = 0; i < 60; i++) parts.push(`user${i * 37}@mail${i % 7}.example.org, +${i * 7919}-555 <${i}>`);
  text = parts.join(" ");
  const patterns = ["[a-z0-9]+@[a-z0-9.]+", "[+][0-9]+-[0-9]+", "<[^>]*>", "u.*r1+", "x?y*z$"];
  let result: u64 = 0;
  for (let k = 0; k < n; k++) {
    for (let p = 0; p < patterns.length; p++) {
      pattern = patterns[p];
      for (let t = 0; t < text.length; t++) {
        const end = matchHere(0, t);
        if (end > t) {
          result = result * 31 + end;
          t = end;
        }
      }
    }
  }
  return result;
}
