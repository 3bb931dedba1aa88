%% One process sends as fast as it can, another receives.
-module(one_way).
-export([measure/1]).

measure(Count) ->
    Self = self(),
    Start = erlang:monotonic_time(),
    spawn(fun() -> flood(Self, 0, Count) end),
    take(Count),
    bench:per_operation(Start, Count).

flood(_To, Count, Count) -> ok;
flood(To, N, Count) -> To ! {item, N}, flood(To, N + 1, Count).

take(0) -> ok;
take(N) -> receive {item, _} -> take(N - 1) end.
