%% Asks a process and awaits the reply by its tag, while other messages wait.
-module(selective_receive).
-export([measure/2]).

measure(Count, Waiting) ->
    Peer = spawn(fun peer/0),
    [self() ! {waiting, N} || N <- lists:seq(1, Waiting)],
    Start = erlang:monotonic_time(),
    ask(Peer, Count),
    Figure = bench:per_operation(Start, Count),
    exit(Peer, kill),
    Figure.

ask(_Peer, 0) -> ok;
ask(Peer, N) ->
    Ref = monitor(process, Peer, [{alias, reply_demonitor}]),
    Peer ! {ask, Ref, N},
    receive {Ref, _} -> ask(Peer, N - 1) end.

peer() ->
    receive {ask, Ref, N} -> Ref ! {Ref, N} end,
    peer().
