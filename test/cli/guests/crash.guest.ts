import { log, receive, spawnLink } from "moonlet/guest-sdk";

let divisor: i32 = 0;

function share(total: i32): i32 {
  return total / divisor;
}

export function main(): void {
  log.info("about to divide");
  share(12);
}

function child(): void {
  share(1);
}

export function linked(): void {
  spawnLink(child);
  receive<i32>();
}
