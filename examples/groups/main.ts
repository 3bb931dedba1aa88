// Process groups, as OTP's pg: whoever wants to hear something joins, whoever has something to say sends it to all members.
import {
  groupMembers, joinGroup, killGroup, leaveGroup, monitorGroup, Pid, print, receive, receiveAny, Ref, self, send, spawnWith,
} from "moonlet/guest-sdk";

@message class Listener { constructor(public name: string, public room: Pid) {} }
@message class Said { constructor(public text: string) {} }
@message class Heard { constructor(public name: string, public text: string) {} }
@message class Ready {}

function listener(me: Listener): void {
  joinGroup("room");
  send(me.room, new Ready());
  while (true) {
    const said = receive<Said>();
    if (said.text == "bye") {
      leaveGroup("room");
      send(me.room, new Ready());
      return;
    }
    send(me.room, new Heard(me.name, said.text));
  }
}

export function main(): void {
  const changes = monitorGroup("room");
  const ada = spawnWith(listener, new Listener("Ada", self()));
  receive<Ready>();
  spawnWith(listener, new Listener("Joe", self()));
  receive<Ready>();
  print("members: " + groupMembers("room").length.toString());

  const members = groupMembers("room");
  for (let i = 0; i < members.length; i++) send(members[i], new Said("hello"));
  const heard = [receive<Heard>().name, receive<Heard>().name];
  print("heard by " + heard.sort().join(" and "));

  send(ada, new Said("bye"));
  receive<Ready>();
  print("killed: " + killGroup("room").toString());

  // {Ref, join | leave, Group, Pids}
  for (let i = 0; i < 4; i++) {
    const change = receiveAny();
    if (change.at(0).as<Ref>() == changes.ref) print(change.at(2).toString() + ": " + change.at(1).toString());
  }
  print("members: " + groupMembers("room").length.toString());
}
