// An HTTP service that runs each request in a guest process of its own: node examples/http-service/server.mjs [port]
// A request that traps, never ends or takes too much memory is answered with 500; the next one finds everything as it was.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { atom, createHost, describeReason, MoonletError, tuple } from "moonlet";

/** What one request may use. The fuel is about a tenth of a second's worth. */
const LIMITS = { memoryBytes: 16 * 1024 * 1024, fuel: 50_000_000, mailbox: 10 };
const MAX_BODY_BYTES = 64 * 1024;
const MAX_REQUESTS = 500;
const ANSWER_MS = 10_000;

// No grants: a handler computes and answers, nothing else.
const host = await createHost({ limits: LIMITS, maxProcesses: 2 * MAX_REQUESTS });
const handler = await host.load(fileURLToPath(new URL("handler.ts", import.meta.url)), {
  name: "handler.ts",
});

const server = createServer(async (request, response) => {
  try {
    const { status, body } = await answer(request);
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(body);
  } catch (error) {
    // Whoever asked has gone, or the service itself is broken; neither is a reason to stop serving others.
    if (!request.destroyed) console.error(error);
    response.destroy();
  }
});

async function answer(request) {
  const body = await readBody(request);
  if (body === undefined) return { status: 413, body: `a body has at most ${MAX_BODY_BYTES} bytes\n` };
  let pid;
  try {
    pid = host.spawn(handler);
    const question = tuple(atom("request"), request.method, request.url, body);
    const [, status, text] = await host.call(pid, question, { timeoutMs: ANSWER_MS });
    return { status, body: text };
  } catch (error) {
    return failure(error);
  } finally {
    if (pid !== undefined) host.kill(pid);
  }
}

function failure(error) {
  if (!(error instanceof MoonletError)) throw error;
  switch (error.code) {
    case "E_CALL_FAILED":
      return { status: 500, body: `the request failed: ${describeReason(error.cause)}\n` };
    case "E_TIMEOUT":
    case "system_limit":
      return { status: 503, body: "busy, please try again\n" };
    default:
      throw error;
  }
}

/** The body as text; undefined when there is too much of it. */
async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function stop() {
  server.close();
  server.closeAllConnections();
  await host.close();
}
process.once("SIGINT", stop).once("SIGTERM", stop);

server.listen(Number(process.argv[2] ?? 8080), "localhost", () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
