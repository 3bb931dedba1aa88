// A socket changes hands (OTP: gen_tcp:controlling_process). Messages about it that wait in the mailbox of its owner go along, as in OTP, and so do
// connections and requests that a listening socket has handed over and that nobody has received yet. Its mode stays what it was.
// `Differs from OTP:` tcp_passive and tcp_error go along as well; there they stay with the former owner.
import { type Envelope, type Process, Ref } from "../../otp/index.ts";
import { atom, decodeTerm, encodeTerm, tuple } from "../../otp/term/index.ts";
import { Guest } from "../guest.ts";
import { ERROR } from "../syscall.ts";
import { UNITS } from "./costs.ts";
import { ListeningSocket } from "./listener.ts";
import { openSockets, ownResource, type Resource } from "./resource.ts";
import { waitNoMore } from "./room-queue.ts";

/** Messages that are about one socket, which is their second element, and how many elements they have. */
const ABOUT_ONE = [
  ["tcp", 3],
  ["tcp_closed", 2],
  ["tcp_error", 3],
  ["tcp_passive", 2],
  ["http", 3],
  ["http_end", 2],
  ["http_error", 3],
  ["http_response", 4],
  ["http_closed", 2],
  ["http_passive", 2],
] as const;

interface Moving {
  readonly messages: readonly Envelope[];
  /** The socket itself, and what it has handed over. */
  readonly sockets: readonly Resource[];
}

/** Gives a socket to another process. 0, or `system_limit`, and nothing has happened, when that has no room for what comes with it. */
export function giveAway(guest: Guest, socket: Resource, to: Process): number {
  const { process } = guest;
  guest.charge(process.mailbox.length * UNITS.message);
  const moving = movingWith(process, socket);
  const isTooMuch = to.mailbox.length + moving.messages.length > to.mailbox.bound;
  if (isTooMuch || !hasRoom(guest, to, moving.sockets)) return ERROR.system_limit;
  move(process, moving, to);
  return 0;
}

/** Gives sockets to a child that has not run yet. */
export function handDown(guest: Guest, sockets: readonly Resource[], child: Process): void {
  const { process } = guest;
  for (const socket of sockets) {
    if (socket.owner !== process) continue;
    guest.charge(process.mailbox.length * UNITS.message);
    move(process, movingWith(process, socket), child);
  }
}

function move(from: Process, { messages, sockets }: Moving, to: Process): void {
  // What it hands over from now on is the new owner's, behind what it has handed over before.
  for (const socket of sockets) waitNoMore(from, socket);
  for (const message of messages) {
    from.mailbox.remove(message);
    to.deliver(message);
  }
  for (const socket of sockets) socket.moveTo(to);
}

function movingWith(owner: Process, socket: Resource): Moving {
  const about = ABOUT_ONE.map(([tag, arity]) => beginning(tag, arity, socket));
  const isListening = socket instanceof ListeningSocket;
  const accepted = isListening ? [beginning("tcp_accept", 3, socket), requestBeginning()] : [];
  const sockets = [socket];
  const messages = owner.mailbox.those(({ kind, tag, encoded }) => {
    if (kind !== "message" || tag !== undefined || encoded === undefined) return false;
    if (about.some((bytes) => beginsWith(encoded, bytes))) return true;
    const accepts = accepted.find((bytes) => beginsWith(encoded, bytes));
    if (accepts === undefined) return false;
    const one = handedOver(owner, socket, encoded.subarray(accepts.length));
    if (one === undefined) return false;
    sockets.unshift(one);
    return true;
  });
  return { messages, sockets };
}

/** The socket that these bytes begin with, if it came in by this listening socket and is still the owner's. They may be anything. */
function handedOver(owner: Process, listener: Resource, bytes: Uint8Array): Resource | undefined {
  // One socket's name is as long as another's.
  const encoded = encodeTerm(listener.term);
  if (bytes.length < encoded.length - 1) return undefined;
  encoded.set(bytes.subarray(0, encoded.length - 1), 1);
  try {
    const [, ref] = decodeTerm(encoded) as readonly unknown[];
    const found = ref instanceof Ref ? ownResource(owner, ref) : undefined;
    return found?.origin === listener ? found : undefined;
  } catch {
    return undefined;
  }
}

function hasRoom(guest: Guest, to: Process, sockets: readonly Resource[]): boolean {
  const bytes = sockets.reduce((sum, socket) => sum + socket.bytes, 0);
  const { body } = to;
  if (body instanceof Guest) return body.socketLimit(bytes, sockets.length) === undefined;
  // One that has not begun has no limits yet but those of whoever spawned it, which is mostly the giver.
  return openSockets(to) + sockets.length <= guest.limits.openResources && to.hasRoom(bytes);
}

/** How `{Tag, Socket, ...}` begins, with so many elements. */
function beginning(tag: string, arity: number, socket: Resource): Uint8Array {
  const bytes = encodeTerm(tuple(atom(tag), socket.term));
  bytes[2] = arity;
  return bytes;
}

function requestBeginning(): Uint8Array {
  const bytes = encodeTerm(tuple(atom("http_request")));
  bytes[2] = 6;
  return bytes;
}

function beginsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return bytes.length >= beginning.length && beginning.every((byte, i) => bytes[i] === byte);
}
