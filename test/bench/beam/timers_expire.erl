%% Starts timers that are all due at the same moment; counts from there until the last message was received.
-module(timers_expire).
-export([measure/1]).
%% Nanoseconds to start one in, until all are due.
-define(DUE_NS, 8000).

measure(Count) ->
    Now = erlang:monotonic_time(),
    Due = Now + erlang:convert_time_unit(Count * ?DUE_NS, nanosecond, native),
    At = erlang:convert_time_unit(Due, native, millisecond),
    start(self(), At, Count),
    Start = max(Due, erlang:monotonic_time()),
    take(Count),
    bench:per_operation(Start, Count).

start(_Self, _At, 0) -> ok;
start(Self, At, N) -> erlang:send_after(At, Self, {due, N}, [{abs, true}]), start(Self, At, N - 1).

take(0) -> ok;
take(N) -> receive {due, _} -> take(N - 1) end.
