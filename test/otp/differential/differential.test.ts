// The core against a real BEAM: each recorded scenario is played on the core, and must give the same trace.
import { differentialTests } from "../support/differential-tests.ts";
import { core } from "./suite.ts";

differentialTests(core, 2000);
