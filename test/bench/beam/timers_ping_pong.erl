%% A ping-pong while a million timers wait.
-module(timers_ping_pong).
-export([measure/1]).
-define(PENDING, 1000000).

measure(Count) ->
    start(self(), ?PENDING),
    ping_pong:measure(Count).

start(_Self, 0) -> ok;
start(Self, N) -> erlang:send_after(3600000 + N * 7919 rem 3600000, Self, {due, N}), start(Self, N - 1).
