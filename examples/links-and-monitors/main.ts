// How processes hang together: a monitor tells of an end, a link shares it, and who traps exits is told instead of ending.
import {
  demonitor, Down, Exit, exit, exitSignal, isAlive, monitor, monitorTagged, print, receive, receiveAny, receiveDown, spawn, spawnLink,
  spawnMonitor, trapExit, unlink,
} from "moonlet/guest-sdk";

function worker(): void {
  receiveAny();
}

function crasher(): void {
  exit("out_of_coffee");
}

/** Ends with its child, since they are linked. */
function couple(): void {
  spawnLink(crasher);
  receiveAny();
}

export function main(): void {
  const crashed = spawnMonitor(crasher);
  print("a monitor: " + receiveDown(crashed.ref)!.reason.toString());

  const together = spawnMonitor(couple);
  print("a link: " + receiveDown(together.ref)!.reason.toString());

  trapExit();
  const child = spawnLink(crasher);
  const told = receive<Exit>();
  print("trapped: " + told.reason.toString() + ", from the child: " + (told.from == child).toString());

  const unlinked = spawnLink(worker);
  unlink(unlinked);
  const ref = monitor(unlinked);
  exitSignal(unlinked, "kill");
  print("killed: " + receive<Down>().reason.toString());
  print("is it gone: " + (!isAlive(unlinked)).toString() + ", a monitor that has fired is over: " + (!demonitor(ref)).toString());

  const named = spawn(worker);
  monitorTagged(named, "my worker");
  exitSignal(named, "shutdown");
  const message = receiveAny();
  print("with a tag of one's own: " + message.at(0).toString() + " " + message.at(4).toString());
}
