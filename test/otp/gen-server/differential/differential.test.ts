// gen_server against OTP's: each recorded scenario is played on ours, and must give the same trace.
import { differentialTests } from "../../support/differential-tests.ts";
import { genServers } from "./suite.ts";

differentialTests(genServers, 400);
