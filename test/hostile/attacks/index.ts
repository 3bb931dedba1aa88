// All attacks there are, by what they are on.
import type { Subject } from "../attack.ts";
import { authority } from "./authority.ts";
import { clients } from "./clients.ts";
import { families } from "./families.ts";
import { files } from "./files.ts";
import { identities } from "./identities.ts";
import { limits } from "./limits.ts";
import { memory } from "./memory.ts";
import { messages } from "./messages.ts";
import { modules } from "./modules.ts";
import { network } from "./network.ts";
import { output } from "./output.ts";
import { pointers } from "./pointers.ts";
import { processes } from "./processes.ts";
import { running } from "./running.ts";
import { tables } from "./tables.ts";
import { terms } from "./terms.ts";
import { upstreams } from "./upstreams.ts";

export const SUBJECTS: readonly Subject[] = [
  running,
  memory,
  pointers,
  modules,
  processes,
  messages,
  terms,
  identities,
  tables,
  output,
  network,
  clients,
  upstreams,
  files,
  limits,
  families,
  authority,
];
