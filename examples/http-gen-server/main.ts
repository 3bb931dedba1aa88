// A guestbook: a gen_server under a supervisor that serves HTTP from its mailbox, one request after the other, beside its calls and casts. It asks
// for a few requests at a time: what it has no time for waits in the backlog, and gets 503 beyond it. Bodies come as slowly as their clients like, so
// each is read in a process of its own, which casts what it has read. When the server crashes, its supervisor starts another.
//
//     npx moonlet run examples/http-gen-server/main.ts --grant all,listen:8080 -- 8080
//     curl -d 'hello from me' http://127.0.0.1:8080/
//     curl http://127.0.0.1:8080/
import {
  argument, cast, ChildSpec, HttpPassive, httpListen, HttpRequest, HttpServer, Pid, print, self, serve, Server, spawnIfRoom, SpawnOptions, Strategy, Supervisor, Term,
} from "moonlet/guest-sdk";

/** Requests that may wait in the mailbox. */
const AT_A_TIME = 16;
const LARGEST_BYTES = 1000;

@message class Entry { constructor(public text: string) {} }
@message class Posted { constructor(public book: Pid, public request: HttpRequest) {} }

class Guestbook extends Server {
  private entries: string[] = [];
  private http: HttpServer;

  constructor(port: i32) {
    super();
    this.http = httpListen(port);
  }

  init(): void {
    this.http.active(AT_A_TIME);
    print("listening on http://" + this.http.local.toString() + "/");
  }

  handleInfo(message: Term): void {
    if (message.is<HttpRequest>()) this.answer(message.as<HttpRequest>());
    else if (message.is<HttpPassive>()) this.http.active(AT_A_TIME);
  }

  handleCast(message: Term): void {
    this.entries.push(message.as<Entry>().text);
  }

  private answer(request: HttpRequest): void {
    if (request.path == "/crash") unreachable();
    if (request.path != "/") request.reply(404, "nothing at " + request.path + "\n");
    else if (request.method == "GET") request.reply(200, this.entries.join("\n") + "\n");
    else if (request.method == "POST") this.leave(request);
    else request.reply(405, "GET and POST\n");
  }

  private leave(request: HttpRequest): void {
    const options = new SpawnOptions();
    options.sockets = [request.socket.ref];
    if (spawnIfRoom<Posted>(readEntry, new Posted(self(), request), options)) return;
    request.reply(503, "busy, please try again\n");
    request.close();
  }
}

function readEntry(posted: Posted): void {
  const request = posted.request;
  request.endWithClient();
  const body = request.body(LARGEST_BYTES);
  if (body === null) {
    request.reply(413, "at most " + LARGEST_BYTES.toString() + " bytes\n");
    return;
  }
  cast(posted.book, new Entry(String.UTF8.decodeUnsafe(body.dataStart, body.length)));
  request.reply(201, "thank you\n");
}

function guestbook(port: i32): void {
  serve(new Guestbook(port));
}

export function main(): void {
  const words = argument<string[]>();
  const port = words.length > 0 ? I32.parseInt(words[0]) : 8080;
  new Supervisor(Strategy.OneForOne).add(ChildSpec.with<string, i32>("guestbook", guestbook, port)).run();
}
