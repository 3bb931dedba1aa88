%% Starts timers that all stay pending, then cancels each.
-module(timers).
-export([measure/1]).

measure(Count) ->
    Self = self(),
    Start = erlang:monotonic_time(),
    Timers = start(Self, 0, Count, []),
    cancel(Timers),
    bench:per_operation(Start, Count).

start(_Self, Count, Count, Timers) -> Timers;
start(Self, N, Count, Timers) ->
    start(Self, N + 1, Count, [erlang:send_after(3600000 + N * 7919 rem 3600000, Self, N) | Timers]).

cancel([]) -> ok;
cancel([Timer | Rest]) -> erlang:cancel_timer(Timer), cancel(Rest).
