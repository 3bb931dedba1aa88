// The least that shows that a guest runs.
import { print } from "moonlet/guest-sdk";

export function main(): void {
  print("hello");
}
