// Ending the children of a supervisor and waiting for their ends.
import { FOR_EVER } from "./abi/code";
import { Child } from "./children";
import { ChildSpec, Restart } from "./child-spec";
import { monotonicMs } from "./clock";
import { Pid } from "./pid";
import { exitSignal, monitor, unlink } from "./process";
import { receiveDown, receiveExitOf } from "./receive";
import { Ref } from "./ref";
import { reportTrouble } from "./report";
import { isOrderly } from "./supervisor-terms";
import { Term } from "./term/term";

/** Ends a child if it runs: it is told to shut down, and killed when it has not by the end of its time. */
export function stopChild(supervisor: Term, child: Child): void {
  const pid = child.pid;
  if (pid === null || child.isRestarting) return;
  const ref = monitor(pid);
  exitSignal<string>(pid, child.spec.isKilled ? "kill" : "shutdown");
  awaitEnd(supervisor, child.spec, pid, ref, child.spec.isKilled ? FOR_EVER : child.spec.shutdownMs);
}

/** The same for children of one kind, all at once and within one time. */
export function stopChildren(supervisor: Term, children: Child[]): void {
  if (children.length == 0) return;
  const spec = children[0].spec;
  const refs: Ref[] = [];
  for (let i = 0; i < children.length; i++) {
    refs.push(monitor(children[i].pid!));
    exitSignal<string>(children[i].pid!, spec.isKilled ? "kill" : "shutdown");
  }
  const isTimed = !spec.isKilled && spec.shutdownMs != FOR_EVER;
  const end = monotonicMs() + spec.shutdownMs;
  for (let i = 0; i < children.length; i++) {
    const left = isTimed ? <u32>max<i64>(0, end - monotonicMs()) : FOR_EVER;
    awaitEnd(supervisor, spec, children[i].pid!, refs[i], left);
  }
}

function awaitEnd(supervisor: Term, spec: ChildSpec, pid: Pid, ref: Ref, ms: u32): void {
  let down = receiveDown(ref, ms);
  if (down === null) {
    exitSignal<string>(pid, "kill");
    down = receiveDown(ref);
  }
  unlink(pid);
  // Its exit over the link may have arrived before that.
  const exit = receiveExitOf(pid, 0);
  const reason = exit === null ? down!.reason : exit.reason;
  if (!isExpected(spec, reason)) reportTrouble(supervisor, "shutdown_error", reason, spec, pid);
}

function isExpected(spec: ChildSpec, reason: Term): bool {
  if (reason.isAtomNamed(spec.isKilled ? "killed" : "shutdown")) return true;
  if (spec.restart == Restart.Permanent) return false;
  return isOrderly(reason);
}
