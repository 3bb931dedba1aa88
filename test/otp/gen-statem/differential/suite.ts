// gen_statem against OTP's.
import { behaviourSuite } from "../../support/behaviour/suite.ts";
import { replay } from "./replay.ts";
import { FLAVOURS, generate } from "./scenario.ts";

export const genStatems = behaviourSuite({
  name: "gen-statem",
  behaviour: "gen_statem",
  callbacks: ["machine.erl", "machine_too.erl"],
  flavours: FLAVOURS,
  generate,
  replay,
});
