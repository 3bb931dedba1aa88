// All attacks there are, by what they are on.
import type { Subject } from "../attack.ts";
import { identities } from "./identities.ts";
import { memory } from "./memory.ts";
import { messages } from "./messages.ts";
import { output } from "./output.ts";
import { processes } from "./processes.ts";
import { running } from "./running.ts";
import { terms } from "./terms.ts";

export const SUBJECTS: readonly Subject[] = [running, memory, processes, messages, terms, identities, output];
