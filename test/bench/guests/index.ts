// The message programs, compiled into one module. Each has a sister in ../beam, and those that make sense in JavaScript one in ../subjects.
export * from "./fairness";
export * from "./fan-in";
export * from "./gen-server-call";
export * from "./idle-memory";
export * from "./kill-down";
export * from "./one-way";
export { pingPong } from "./ping-pong";
export * from "./ring";
export * from "./selective-receive";
export * from "./spawn-exit-down";
export * from "./supervisor-restart";
export * from "./timers";
export { spawnSleepers } from "./sleeper";
