// An HTTP server in a guest: each request in a process of its own. One that crashes is a 500 for its client, one that takes too long a 504, and the
// others do not notice.
//
//     npx moonlet run examples/http-guest/main.ts --grant all,listen:8080 -- 8080
//     curl http://127.0.0.1:8080/
import { argument, HttpOptions, httpListen, HttpRequest, print, sleep } from "moonlet/guest-sdk";

function handle(request: HttpRequest): void {
  const path = request.path;
  if (path == "/") request.reply(200, "hello from a guest\n");
  else if (path == "/count") count(request);
  else if (path == "/shout" && request.method == "POST") shout(request);
  else if (path == "/crash") unreachable();
  else if (path == "/late") sleep(60_000);
  else if (path == "/loop") while (true) {}
  else request.reply(404, "nothing at " + path + "\n");
}

/** Streams a body as fast as its client reads it. */
function count(request: HttpRequest): void {
  request.respond(200, ["content-type", "text/plain"]);
  for (let i = 1; i <= 10_000; i++) {
    if (!request.writeText(i.toString() + "\n")) return;
  }
  request.finish();
}

/** Sends back what comes, piece by piece, in capitals. */
function shout(request: HttpRequest): void {
  request.respond(200);
  for (let bytes = request.read(); bytes !== null; bytes = request.read()) {
    for (let i = 0; i < bytes.length; i++) if (bytes[i] >= 97 && bytes[i] <= 122) bytes[i] -= 32;
    if (!request.write(bytes)) return;
  }
  request.finish();
}

export function main(): void {
  const words = argument<string[]>();
  const options = new HttpOptions();
  options.responseTimeout = 2000;
  const server = httpListen(words.length > 0 ? I32.parseInt(words[0]) : 8080, options);
  print("listening on http://" + server.local.toString() + "/");
  server.serve(handle);
}
