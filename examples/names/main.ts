// Names and aliases: ways to be reached other than by a pid.
import {
  alias, exitSignal, MonitorAlias, monitorAs, print, receive, receiveDown, receiveWithin, Ref, register, registered, RemoteName,
  send, sleep, spawn, trySend, unalias, unregister, whereis,
} from "moonlet/guest-sdk";

@message class Question { constructor(public answerTo: Ref) {} }
@message class Answer { constructor(public text: string) {} }

function oracle(): void {
  register("oracle");
  for (let n = 1; ; n++) send(receive<Question>().answerTo, new Answer("answer " + n.toString()));
}

/** Answers too late. */
function slow(): void {
  const question = receive<Question>();
  sleep(20);
  send(question.answerTo, new Answer("too late"));
}

export function main(): void {
  const pid = spawn(oracle);
  while (whereis("oracle") === null) sleep(1);
  print("found: " + (whereis("oracle")! == pid).toString());
  print("names: " + registered().join(" "));

  // An alias stands for this process until it is taken back.
  const lasting = alias();
  send("oracle", new Question(lasting));
  send(new RemoteName("oracle", "nonode@nohost"), new Question(lasting));
  print(receive<Answer>().text + ", " + receive<Answer>().text);
  print("taken back: " + unalias(lasting).toString());
  send("oracle", new Question(lasting));
  print("nobody hears it now: " + (receiveWithin<Answer>(5) === null).toString());

  // One that is good for the first message over it.
  const once = alias(true);
  send("oracle", new Question(once));
  send("oracle", new Question(once));
  print("once: " + receive<Answer>().text + ", then nothing: " + (receiveWithin<Answer>(5) === null).toString());

  // One that lives as long as a monitor does: who gives up gets no late answer.
  const late = spawn(slow);
  const watched = monitorAs(late, MonitorAlias.ReplyDemonitor);
  send(late, new Question(watched));
  print("no answer in time: " + (receiveWithin<Answer>(5) === null).toString());
  unalias(watched);
  print("it ends: " + receiveDown(watched)!.reason.toString());
  print("the late answer is gone: " + (receiveWithin<Answer>(0) === null).toString());

  unregister("oracle");
  print("without a name: " + trySend("oracle", new Question(lasting)).toString());
  exitSignal(pid, "kill");
}
