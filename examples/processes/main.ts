// A process and what is known of it: how it is spawned, what it says of itself, and how others look at it, stop it and let it go on.
import {
  dictionary, exitSignal, groupLeader, hibernate, isAlive, label, Pid, print, priority, Priority, processes,
  processItems, receive, receiveDown, resume, self, send, setGroupLeader, spawnMonitor, SpawnOptions, suspend,
  trySpawn, yieldTurn,
} from "moonlet/guest-sdk";

@message class Work { constructor(public from: Pid, public n: i32) {} }
@message class Done { constructor(public n: i32) {} }

function worker(): void {
  label("squares numbers");
  dictionary.put("jobs", 0);
  while (true) {
    // Collects what is not needed any more and waits; the message stays for the receive.
    hibernate();
    const work = receive<Work>();
    dictionary.put("jobs", dictionary.get("jobs").as<i32>() + 1);
    send(work.from, new Done(work.n * work.n));
  }
}

function shown(pid: Pid, items: string[]): string {
  const found = processItems(pid, items);
  return found === null ? "it is gone" : found.toString();
}

export function main(): void {
  // Whatever it spawns has this process for its group leader.
  setGroupLeader(self());
  const options = new SpawnOptions();
  options.name = "worker";
  options.priority = Priority.High;
  options.mailbox = 2;
  const started = spawnMonitor(worker, options);
  const pid = started.pid;

  send(pid, new Work(self(), 7));
  print("done: " + receive<Done>().n.toString());
  yieldTurn();
  print(shown(pid, ["registered_name", "label", "priority", "status", "message_queue_len"]));
  print("its dictionary: " + shown(pid, ["dictionary"]));
  print("its parent is this one: " + (processItems(pid, ["parent"])!.at(0).at(1).as<Pid>() == self()).toString());
  print("its group leader is this one: " + (processItems(pid, ["group_leader"])!.at(0).at(1).as<Pid>() == groupLeader()!).toString());
  print("processes: " + processes().length.toString());

  // A name that is taken is told, not died of.
  print("once more: " + trySpawn(worker, options).reason!.at(0).toString());

  suspend(pid);
  send(pid, new Work(self(), 8));
  print("suspended: " + shown(pid, ["status", "message_queue_len"]));
  resume(pid);
  print("resumed: " + receive<Done>().n.toString());

  print("a priority of its own: " + (priority(Priority.Low) == Priority.Normal).toString());
  exitSignal(pid, "kill");
  print("killed: " + receiveDown(started.ref)!.reason.toString() + ", alive: " + isAlive(pid).toString());
  print("and now: " + shown(pid, ["status"]));
}
