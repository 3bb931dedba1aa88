%% Two processes hand a message to and fro.
-module(ping_pong).
-export([measure/1]).

measure(Count) ->
    Peer = spawn(fun pong/0),
    Start = erlang:monotonic_time(),
    ping(Peer, 0, Count),
    Figure = bench:per_operation(Start, Count),
    exit(Peer, kill),
    Figure.

ping(_Peer, Count, Count) -> ok;
ping(Peer, N, Count) ->
    Peer ! {ping, self(), N},
    receive {pong, _} -> ok end,
    ping(Peer, N + 1, Count).

pong() ->
    receive {ping, From, N} -> From ! {pong, N} end,
    pong().
