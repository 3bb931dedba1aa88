// Supervisors against OTP's: each recorded scenario is played on ours, and must give the same trace.
import { differentialTests } from "../../support/differential-tests.ts";
import { supervisors } from "./suite.ts";

differentialTests(supervisors, 500);
