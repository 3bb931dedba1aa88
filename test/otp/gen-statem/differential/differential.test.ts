// gen_statem against OTP's: each recorded scenario is played on ours, and must give the same trace.
import { differentialTests } from "../../support/differential-tests.ts";
import { genStatems } from "./suite.ts";

differentialTests(genStatems, 400);
