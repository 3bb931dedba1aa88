// A chat: each connection is a process and a member of one group; what it hears from its socket and from the others are messages.
//
//     npx moonlet run examples/chat/main.ts --grant all,listen:7001 -- 7001
//     nc 127.0.0.1 7001
import {
  argument, groupMembers, joinGroup, print, receiveAny, sendAll, TcpClosed, TcpData, tcpListen, TcpPassive, TcpSocket,
} from "moonlet/guest-sdk";

@message class Line { constructor(public text: string) {} }

const ROOM = "room";
/** Messages that a socket sends before it is asked for more: who types faster than the others read has to wait. */
const AT_A_TIME = 8;

function say(text: string): void {
  sendAll<Line>(groupMembers(ROOM), new Line(text));
}

function member(socket: TcpSocket): void {
  const name = socket.peer.port.toString();
  joinGroup(ROOM);
  say(name + " is here\n");
  socket.active(AT_A_TIME);
  while (true) {
    const message = receiveAny();
    if (message.is<TcpData>()) say(name + ": " + String.UTF8.decode(message.as<TcpData>().bytes.buffer));
    else if (message.is<TcpPassive>()) socket.active(AT_A_TIME);
    else if (message.is<TcpClosed>()) break;
    else if (message.is<Line>() && !socket.sendText(message.as<Line>().text, 5000)) break;
  }
  // It leaves the room by ending.
  socket.close();
}

export function main(): void {
  const words = argument<string[]>();
  const listener = tcpListen(words.length > 0 ? I32.parseInt(words[0]) : 7001);
  print("listening on " + listener.local.toString());
  listener.serve(member);
}
