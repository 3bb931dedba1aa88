// Guests that do with their sockets what they are told, one thing after the other, and print what comes of it.
import {
  argument, HttpCall, HttpClosed, HttpData, HttpEnd, HttpError, httpListen, HttpOptions, HttpPassive, HttpRequest, HttpRequestOptions, HttpResponseHead, HttpServer, ListenOptions, monitor, openHttpRequest, Pid, print, receive, receiveDown, Selector, send,
  spawn, TcpAccept, TcpClosed, tcpConnect, TcpData, TcpError, tcpListen, TcpListener, TcpPassive, TcpSocket, Term,
} from "moonlet/guest-sdk";

/** `{do, What, N}`. */
@message class Do { constructor(public what: string, public n: i32) {} }
/** `{give_to, Pid}`: the socket, and then word of it. */
@message class GiveTo { constructor(public to: Pid) {} }
/** `{gather, Gate, N}`: nothing until the gate is no more; then so many messages of bytes are taken, and their bytes printed together. */
@message class Gather { constructor(public gate: Pid, public n: i32) {} }

const orders = new Selector().on<Do>().on<GiveTo>().on<Gather>();
const news = new Selector().on<TcpData>().on<TcpPassive>().on<TcpClosed>().on<TcpError>().on<TcpAccept>().on<HttpRequest>().on<HttpPassive>().on<HttpClosed>()
  .on<HttpData>().on<HttpEnd>().on<HttpError>().on<HttpResponseHead>();

let socket: TcpSocket | null = null;
let listener: TcpListener | null = null;
let server: HttpServer | null = null;
let call: HttpCall | null = null;
const accepted: TcpSocket[] = [];
const requests: HttpRequest[] = [];

function text(bytes: Uint8Array | null): string {
  return bytes === null ? "no more" : String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}

/** Prints what a message says, and keeps what it brings. */
function show(message: Term): void {
  if (message.is<TcpData>()) print("data " + text(message.as<TcpData>().bytes));
  else if (message.is<TcpPassive>()) print("passive");
  else if (message.is<TcpClosed>()) print("closed");
  else if (message.is<TcpError>()) print("error " + message.as<TcpError>().reason.name);
  else if (message.is<TcpAccept>()) {
    const one = message.as<TcpAccept>().socket;
    accepted.push(one);
    print("accepted " + text(one.recv()));
  } else if (message.is<HttpRequest>()) {
    const request = message.as<HttpRequest>();
    requests.push(request);
    print("request " + request.target);
  } else if (message.is<HttpPassive>()) print("passive");
  else if (message.is<HttpClosed>()) print("client gone");
  else if (message.is<HttpData>()) print("body " + text(message.as<HttpData>().bytes));
  else if (message.is<HttpEnd>()) print("end");
  else if (message.is<HttpError>()) print("error " + message.as<HttpError>().reason.name);
  else if (message.is<HttpResponseHead>()) print("status " + message.as<HttpResponseHead>().status.toString() + " " + message.as<HttpResponseHead>().header("x-kind")!);
}

function activate(n: i32): void {
  if (call !== null) call!.active(n);
  else if (socket !== null) socket!.active(n);
  else if (listener !== null) listener!.active(n);
  else server!.active(n);
}

function obey(what: string, n: i32): void {
  if (what == "active") activate(n);
  else if (what == "once") {
    if (call !== null) call!.activeOnce();
    else if (socket !== null) socket!.activeOnce();
    else if (listener !== null) listener!.activeOnce();
    else server!.activeOnce();
  } else if (what == "always") {
    if (call !== null) call!.activeAlways();
    else if (socket !== null) socket!.activeAlways();
    else if (listener !== null) listener!.activeAlways();
    else server!.activeAlways();
  } else if (what == "passive") {
    if (socket !== null) socket!.passive();
    else if (listener !== null) listener!.passive();
    else server!.passive();
  } else if (what == "take") return show(news.receive());
  else if (what == "look") {
    const message = news.receiveWithin(0);
    if (message === null) print("nothing");
    else show(message);
    return;
  } else if (what == "recv") return print("read " + text(socket!.recv()));
  else if (what == "accept") {
    if (listener !== null) listener!.acceptWithin(0);
    else server!.acceptWithin(0);
  } else if (what == "close") accepted.shift().close();
  else if (what == "body") requests[0].active(n);
  else if (what == "reply") requests.shift().reply(200, "reply");
  else if (what == "watch") requests[0].watch();
  else if (what == "child") {
    spawn(taker);
    return;
  }
  print("done");
}

function serveOrders(): void {
  while (true) {
    const order = orders.receive();
    if (order.is<Do>()) obey(order.as<Do>().what, order.as<Do>().n);
    else if (order.is<GiveTo>()) {
      const to = order.as<GiveTo>().to;
      if (socket !== null && socket!.give(to)) send(to, socket!);
      else if (listener !== null && listener!.give(to)) send(to, listener!);
      else if (server !== null && server!.give(to)) send(to, server!);
      print("given");
    } else {
      receiveDown(monitor(order.as<Gather>().gate));
      let all = "";
      for (let i = order.as<Gather>().n; i > 0; i--) {
        const message = news.receive();
        all += message.is<TcpData>() ? text(message.as<TcpData>().bytes) : "?";
      }
      print("gathered " + all);
    }
  }
}

/** Connects to the port that is its argument. */
export function connects(): void {
  socket = tcpConnect("127.0.0.1", argument<i32>());
  serveOrders();
}

/** Waits for a connection that it is given. */
function taker(): void {
  print("child");
  socket = receive<TcpSocket>();
  serveOrders();
}

/** Waits for a listening socket that it is given, which is named like a connection. */
export function listenerTaker(): void {
  print("child");
  listener = receive<TcpListener>();
  serveOrders();
}

/** Listens; two may wait. */
export function listens(): void {
  const options = new ListenOptions();
  options.backlog = 2;
  listener = tcpListen(0, options);
  print(listener!.local.port.toString());
  spawnTaker();
  serveOrders();
}

function spawnTaker(): void {
  spawn(listenerTaker);
}

/** Asks the port that is its argument. */
export function calls(): void {
  const options = new HttpRequestOptions();
  options.responseTimeout = 300;
  call = openHttpRequest("GET", "http://127.0.0.1:" + argument<i32>().toString() + "/", [], options);
  call!.finish();
  serveOrders();
}

/** Serves; two requests may wait. */
export function serves(): void {
  const options = new HttpOptions();
  options.backlog = 2;
  server = httpListen(0, options);
  print(server!.local.port.toString());
  serveOrders();
}
