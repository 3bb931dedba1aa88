// Records what a real BEAM makes of the scenarios: node dist/test/otp/supervisor/differential/record.js
import { recordOnBeam } from "../../support/record-on-beam.ts";
import { FLAVOURS, generate } from "./scenario.ts";

const scenarios = FLAVOURS.flatMap((flavour, index) =>
  Array.from({ length: flavour === "time" ? 40 : 120 }, (_, i) =>
    generate(1 + index * 1_000_000 + i, flavour),
  ),
);
recordOnBeam("test/otp/supervisor/differential", scenarios);
