// gen_server against OTP's.
import { behaviourSuite } from "../../support/behaviour/suite.ts";
import { replay } from "./replay.ts";
import { FLAVOURS, generate } from "./scenario.ts";

export const genServers = behaviourSuite({
  name: "gen-server",
  behaviour: "gen_server",
  callbacks: ["server.erl"],
  flavours: FLAVOURS,
  generate,
  replay,
});
