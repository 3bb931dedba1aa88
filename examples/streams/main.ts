// A byte stream with back-pressure: the writer is faster than the reader and waits for it; at the end the reader knows that it was the end.
import { monitor, openStream, print, receive, receiveDown, send, spawn, StreamReader } from "moonlet/guest-sdk";

@message class Text { constructor(public stream: StreamReader) {} }

function counter(): void {
  const reader = receive<Text>().stream;
  let bytes = 0;
  let lines = 0;
  for (let piece = reader.read(16); piece !== null; piece = reader.read(16)) {
    bytes += piece.length;
    for (let i = 0; i < piece.length; i++) if (piece[i] == 10) lines++;
  }
  print("read " + bytes.toString() + " bytes, " + lines.toString() + " lines");
}

export function main(): void {
  const child = spawn(counter);
  const ended = monitor(child);
  // No more than 32 bytes are ever on their way.
  const stream = openStream(32);
  stream.reader.give(child);
  send(child, new Text(stream.reader));
  let written = 0;
  for (let i = 1; i <= 100; i++) {
    const line = Uint8Array.wrap(String.UTF8.encode("line " + i.toString() + "\n"));
    if (stream.writer.write(line)) written += line.length;
  }
  stream.writer.close();
  receiveDown(ended);
  print("wrote " + written.toString() + " bytes");
}
