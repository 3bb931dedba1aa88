%% The callbacks that a machine goes on with when it changes its module: see machine.erl.
-module(machine_too).
-behaviour(gen_statem).
-export([init/1, callback_mode/0, handle_event/4, a/3, b/3, c/3, terminate/3, code_change/4, format_status/1]).

init(_) -> {stop, never_started}.
callback_mode() -> machine:mode(true).
a(Type, Content, Data) -> machine:event("too ", Type, Content, a, Data).
b(Type, Content, Data) -> machine:event("too ", Type, Content, b, Data).
c(Type, Content, Data) -> machine:event("too ", Type, Content, c, Data).
handle_event(Type, Content, State, Data) -> machine:event("too ", Type, Content, State, Data).
terminate(Reason, State, Data) -> machine:ended("too ", Reason, State, Data).
code_change(OldVersion, State, Data, Extra) -> machine:code_change(OldVersion, State, Data, Extra).
format_status(Status) -> machine:format_status(Status).
