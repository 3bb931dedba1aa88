// All that `moonlet run` needs of a program that is in the cache, in the order in which it is needed: build.mjs makes one script of it, for
// `quick-start.ts`. What compiles is not in there; whoever imports it makes the whole executable start in its place.
import "../index.ts";
import "../node/process-environment.ts";
import "../node/source-text.ts";
import "./executable.ts";
