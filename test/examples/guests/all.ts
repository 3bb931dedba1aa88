// All examples of one behaviour each as one program, so that it is compiled once: an entry per example.
export { main as supervisor } from "../../../examples/supervisor/main";
export { main as genServer } from "../../../examples/gen-server/main";
export { main as genStatem } from "../../../examples/gen-statem/main";
export { main as genEvent } from "../../../examples/gen-event/main";
export { main as task } from "../../../examples/task/main";
export { main as tables } from "../../../examples/tables/main";
export { main as streams } from "../../../examples/streams/main";
export { main as groups } from "../../../examples/groups/main";
export { main as timers } from "../../../examples/timers/main";
export { main as linksAndMonitors } from "../../../examples/links-and-monitors/main";
export { main as processes } from "../../../examples/processes/main";
export { main as mailbox } from "../../../examples/mailbox/main";
export { main as names } from "../../../examples/names/main";
export { main as dynamicSupervisor } from "../../../examples/dynamic-supervisor/main";
export { main as requests } from "../../../examples/requests/main";
export { main as stateFunctions } from "../../../examples/state-functions/main";
