// An echo server: each connection in a process of its own, under a supervisor. A line "crash" ends its connection's process, and nobody else's.
//
//     npx moonlet run examples/tcp-echo/main.ts --grant all,listen:7000 -- 7000
//     nc 127.0.0.1 7000
import { argument, ChildSpec, print, Strategy, Supervisor, TcpSocket, tcpListen } from "moonlet/guest-sdk";

function listen(port: i32): void {
  const listener = tcpListen(port);
  print("listening on " + listener.local.toString());
  listener.serve(echo);
}

function echo(socket: TcpSocket): void {
  for (let bytes = socket.recv(); bytes !== null; bytes = socket.recv()) {
    if (String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length).trim() == "crash") unreachable();
    if (!socket.send(bytes)) return;
  }
}

export function main(): void {
  const words = argument<string[]>();
  const port = words.length > 0 ? I32.parseInt(words[0]) : 7000;
  new Supervisor(Strategy.OneForOne).add(ChildSpec.with<string, i32>("listener", listen, port)).run();
}
