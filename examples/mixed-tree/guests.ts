// The guests of the mixed tree: a server, and a supervisor of such servers.
import { argument, Caller, ChildSpec, exit, serve, Server, Supervisor, Term } from "moonlet/guest-sdk";

class Greeter extends Server {
  constructor(readonly name: string) {
    super();
  }
  handleCall(request: Term, from: Caller): void {
    if (request.text == "crash") exit("stumbled");
    from.reply("guest " + this.name);
  }
}

function greet(name: string): void {
  serve(new Greeter(name));
}

export function greeter(): void {
  greet(argument<string>());
}

export function pool(): void {
  new Supervisor().add(ChildSpec.serverWith<string, string>("first", greet, "Ada")).run();
}
