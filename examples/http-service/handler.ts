// One HTTP request: a gen_server that is asked once. It may compute what it likes; it cannot harm the service or other requests.
import { Caller, Server, Term, serve } from "moonlet/guest-sdk";

@message class Request { constructor(public method: string, public path: string, public body: string) {} }
@message class Response { constructor(public status: i32, public body: string) {} }

class Handler extends Server {
  handleCall(term: Term, from: Caller): void {
    from.reply(respond(term.as<Request>()));
  }
}

function respond(request: Request): Response {
  if (request.path == "/") return new Response(200, "hello from a guest\n");
  if (request.path == "/shout") return new Response(200, request.body.toUpperCase());
  if (request.path.startsWith("/fib/")) return new Response(200, fib(I32.parseInt(request.path.substring(5))).toString() + "\n");
  if (request.path == "/crash") return new Response(200, divide(1, 0).toString());
  if (request.path == "/loop") while (true) {}
  if (request.path == "/hog") return new Response(200, hog().toString());
  return new Response(404, "nothing at " + request.path + "\n");
}

function fib(n: i32): u64 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function divide(a: i32, b: i32): i32 {
  return a / b;
}

/** Takes memory for ever. */
function hog(): i32 {
  const taken: ArrayBuffer[] = [];
  while (true) taken.push(new ArrayBuffer(1 << 20));
  return taken.length;
}

export function main(): void {
  serve(new Handler());
}
