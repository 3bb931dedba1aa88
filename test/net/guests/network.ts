// Guests of the tests of the network: servers and clients, each an entry.
import {
  argument, exit, HttpClosed, httpGet, httpListen, HttpOptions, httpRequest, HttpRequest, HttpRequestOptions, openHttpRequest, print, receive, receiveAny, send, sleep,
  spawn, TcpClosed, tcpConnect, TcpData, tcpListen, TcpPassive, TcpSocket, tryHttpRequest, tryTcpConnect,
} from "moonlet/guest-sdk";

// ---- TCP

/** Serves a process per connection, which gives back what it gets. */
export function echo(): void {
  const listener = tcpListen(0);
  print(listener.local.port.toString());
  listener.serve(echoes);
}

function echoes(socket: TcpSocket): void {
  while (true) {
    const bytes = socket.recv();
    if (bytes === null || !socket.send(bytes)) return;
    if (bytes.length > 0 && bytes[0] == 33) unreachable();
  }
}

/** Asks the port that is its argument, and prints what it hears. */
export function asks(): void {
  const socket = tcpConnect("127.0.0.1", argument<i32>());
  socket.sendText("hello, ");
  socket.sendText("there");
  print(String.UTF8.decode(socket.recvExactly(12)!.buffer));
  socket.shutdown();
  print((socket.recv() === null).toString());
  print(tryTcpConnect("nowhere.invalid", 1).reason);
}

/** Gives its connection to another process, and cannot use it any more. */
export function handsOver(): void {
  const socket = tcpConnect("127.0.0.1", argument<i32>());
  const other = spawn(answersOnce);
  print(socket.give(other).toString());
  send(other, socket);
  socket.recv();
}

function answersOnce(): void {
  const socket = receive<TcpSocket>();
  socket.sendText("it is mine");
  socket.close();
}

/** Gets what comes as messages. */
export function active(): void {
  const socket = tcpConnect("127.0.0.1", argument<i32>());
  socket.active(2);
  print(String.UTF8.decode(receive<TcpData>().bytes.buffer));
  socket.sendText("more");
  print(String.UTF8.decode(receive<TcpData>().bytes.buffer));
  receive<TcpPassive>();
  socket.activeOnce();
  receive<TcpClosed>();
  print("closed");
}

// ---- HTTP

/** Serves a process per request. */
export function serves(): void {
  const options = new HttpOptions();
  options.maxBodyBytes = 200_000;
  options.maxHeaderBytes = 2000;
  options.headersTimeout = 200;
  options.responseTimeout = 300;
  const server = httpListen(0, options);
  print(server.local.port.toString());
  server.serve(handle);
}

function handle(request: HttpRequest): void {
  const path = request.path;
  if (path == "/") request.reply(200, "hello");
  else if (path == "/echo") echoBody(request);
  else if (path == "/drain") {
    while (request.read() !== null) {}
    request.reply(200, "drained");
  } else if (path == "/whole") {
    const body = request.body(100_000);
    if (body === null) request.reply(413, "no");
    else request.reply(200, body.length.toString() + " " + request.method + " " + request.query + " " + request.header("x-name")!);
  } else if (path == "/crash") unreachable();
  else if (path == "/silent") return;
  else if (path == "/exit") exit("gone");
  else if (path == "/loop") while (true) {}
  else if (path == "/slow") sleep(1_000_000);
  else if (path == "/half") {
    request.respond(200);
    request.writeText("half");
    unreachable();
  } else if (path == "/stream") {
    request.respond(200, ["x-kind", "stream"]);
    for (let i = 0; i < 1000; i++) request.write(new Uint8Array(1000));
    request.finish();
  } else if (path == "/endless") {
    request.watch();
    request.respond(200);
    let pieces = 0;
    while (request.write(new Uint8Array(50_000))) pieces++;
    print("the client is gone");
  } else if (path == "/watched") {
    request.watch();
    print("watching");
    receive<HttpClosed>();
    print("told");
  } else if (path == "/bad-header") {
    request.respond(200, ["x-split", "a\r\nset-cookie: b"]);
  } else if (path == "/short") {
    request.respond(200, ["content-length", "10"]);
    request.writeText("12345");
    request.finish();
  } else request.reply(404, "nothing here");
}

function echoBody(request: HttpRequest): void {
  request.respond(200);
  while (true) {
    const bytes = request.read();
    if (bytes === null) break;
    request.write(bytes);
  }
  request.finish();
}

/** Accepts one request and dies with it. */
export function acceptsAndDies(): void {
  const server = httpListen(0);
  print(server.local.port.toString());
  server.accept();
  unreachable();
}

/** Never accepts; two requests may wait. */
export function neverAccepts(): void {
  const options = new HttpOptions();
  options.backlog = 2;
  const server = httpListen(0, options);
  print(server.local.port.toString());
  receiveAny();
}

/** Makes requests to the port that is its argument. */
export function client(): void {
  const base = "http://127.0.0.1:" + argument<i32>().toString();
  const first = httpGet(base + "/one?x=1", ["x-name", "Ada"]);
  print(first.status.toString() + " " + first.header("x-kind")! + " " + first.text()!);
  const body = new Uint8Array(3);
  body.fill(65);
  print(httpRequest("POST", base + "/two", body).text()!);
  const impatient = new HttpRequestOptions();
  impatient.responseTimeout = 20;
  print(tryHttpRequest("GET", base + "/late", null, [], impatient).reason);
  impatient.responseTimeout = 20_000;
  impatient.inactivityTimeout = 20;
  print((httpRequest("GET", base + "/stuck", null, [], impatient).body() === null).toString());
  const call = openHttpRequest("PUT", base + "/three");
  call.writeText("piece ");
  call.writeText("by piece");
  call.finish();
  const response = call.response();
  print(response.status.toString() + " " + response.text()!);
  print(tryHttpRequest("GET", "http://127.0.0.1:1/").reason);
}
