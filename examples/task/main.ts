// Tasks: computations in processes of their own, awaited one by one, all together, a few at a time, or given up.
import {
  awaitMany, awaitTask, exit, mapTasks, print, shutdownTask, sleep, SpawnOptions, startTask, Task, yieldTask,
} from "moonlet/guest-sdk";

function sumUpTo(n: i32): i64 {
  let sum: i64 = 0;
  for (let i = 1; i <= n; i++) sum += i;
  return sum;
}

function shout(text: string): string {
  if (text == "") exit("nothing_to_shout");
  return text.toUpperCase() + "!";
}

function dawdle(ms: u32): bool {
  sleep(ms);
  return true;
}

export function main(): void {
  print("one: " + awaitTask(startTask<i32, i64>(sumUpTo, 100_000)).toString());

  const tasks: Task<string>[] = [];
  const words = ["many", "at", "once"];
  for (let i = 0; i < words.length; i++) tasks.push(startTask<string, string>(shout, words[i]));
  print("all: " + awaitMany(tasks).join(" "));

  // At most two at a time; the one that fails harms nobody.
  const outcomes = mapTasks<string, string>(shout, ["two", "", "a time"], 2);
  for (let i = 0; i < outcomes.length; i++) {
    print("item " + i.toString() + ": " + (outcomes[i].ok ? outcomes[i].value : "failed, " + outcomes[i].reason!.toString()));
  }

  const slow = startTask<u32, bool>(dawdle, 60_000, new SpawnOptions());
  print("not yet: " + (yieldTask(slow, 10) === null).toString());
  print("given up: " + (shutdownTask(slow) === null).toString());
}
