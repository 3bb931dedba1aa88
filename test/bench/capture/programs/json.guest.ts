// A JSON writer and reader: strings, arrays, maps, recursive descent.
class Value {
  kind: i32 = 0;
  number: f64 = 0;
  text: string = "";
  items: Value[] = [];
  fields: Map<string, Value> = new Map();
}

let source = "";
let at = 0;

function skip(): void {
  while (at < source.length && source.charCodeAt(at) <= 32) at++;
}

function readString(): string {
  const start = ++at;
  while (source.charCodeAt(at) !== 0x22) at++;
  return source.substring(start, at++);
}

function read(): Value {
  skip();
  const value = new Value();
  const c = source.charCodeAt(at);
  if (c === 0x7b) {
    value.kind = 3;
    at++;
    skip();
    while (source.charCodeAt(at) !== 0x7d) {
      skip();
      const key = readString();
      skip();
      at++;
      value.fields.set(key, read());
      skip();
      if (source.charCodeAt(at) === 0x2c) at++;
      skip();
    }
    at++;
  } else if (c === 0x5b) {
    value.kind = 2;
    at++;
    skip();
    while (source.charCodeAt(at) !== 0x5d) {
      value.items.push(read());
      skip();
      if (source.charCodeAt(at) === 0x2c) at++;
      skip();
    }
    at++;
  } else if (c === 0x22) {
    value.kind = 1;
    value.text = readString();
  } else {
    const start = at;
    while (at < source.length && ",]} \n".indexOf(source.charAt(at)) < 0) at++;
    value.number = parseFloat(source.substring(start, at));
  }
  return value;
}

function write(value: Value): string {
  if (value.kind === 1) return '"' + value.text + '"';
  if (value.kind === 0) return value.number.toString();
  const parts: string[] = [];
  if (value.kind === 2) {
    for (let i = 0; i < value.items.length; i++) parts.push(write(value.items[i]));
    return "[" + parts.join(",") + "]";
  }
  const keys = value.fields.keys();
  for (let i = 0; i < keys.length; i++) parts.push('"' + keys[i] + '":' + write(value.fields.get(keys[i])));
  return "{" + parts.join(",") + "}";
}

export function run(n: i32): u64 {
  const rows: string[] = [];
  for (let i = 0; i < 60; i++)
    rows.push(`{"id": ${i}, "name": "row ${i * 7}", "tags": ["a", "b${i}"], "x": ${<f64>i * 1.25}}`);
  let text = "[" + rows.join(", ") + "]";
  let result: u64 = 0;
  for (let k = 0; k < n; k++) {
    source = text;
    at = 0;
    text = write(read());
    for (let i = 0; i < text.length; i++) result = result * 31 + text.charCodeAt(i);
  }
  return result;
}
