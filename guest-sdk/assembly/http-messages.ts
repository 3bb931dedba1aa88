// What active HTTP sockets send: servers, requests that came in, and requests that went out.
import { headerIn } from "./headers";
import { Ref } from "./ref";
import { Atom } from "./term/atom";
import { Term } from "./term/term";

/** How a message names a request or a server. */
@message("$socket")
export class HttpSocket {
  constructor(public ref: Ref) {}
}

/** Of the body of a request that came in, or of the response to one that went out. */
@message("http")
export class HttpData {
  constructor(public socket: HttpSocket, public bytes: Uint8Array) {}
}

/** The body is complete. */
@message("http_end")
export class HttpEnd {
  constructor(public socket: HttpSocket) {}
}

/** The rest will not come, or there is no response: "econnrefused", "timeout", "emsgsize" and the like. */
@message("http_error")
export class HttpError {
  constructor(public socket: HttpSocket, public reason: Atom) {}
}

/** The head of the response to a request that went out. */
@message("http_response")
export class HttpResponseHead {
  constructor(
    public socket: HttpSocket,
    public status: i32,
    /** `[{Name, Value}]`, names in small letters. */
    public headers: Term,
  ) {}

  /** The value of the first header of that name, in small letters; null when there is none. */
  header(name: string): string | null {
    return headerIn(this.headers, name);
  }
}

/** A server, or a request, has become passive. */
@message("http_passive")
export class HttpPassive {
  constructor(public socket: HttpSocket) {}
}

/** The client of a request that is watched has gone away, or its time is over. */
@message("http_closed")
export class HttpClosed {
  constructor(public socket: HttpSocket) {}
}
