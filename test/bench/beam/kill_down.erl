%% Kills processes that wait, one after the other, each time waiting for the DOWN. They are spawned by the hundred, outside the time.
-module(kill_down).
-export([measure/1]).
-define(BATCH, 100).

measure(Count) ->
    Batches = Count div ?BATCH,
    lists:sum([batch() || _ <- lists:seq(1, Batches)]) / Batches.

batch() ->
    Self = self(),
    Victims = [spawn_monitor(fun() -> waiter(Self) end) || _ <- lists:seq(1, ?BATCH)],
    [receive ready -> ok end || _ <- Victims],
    Start = erlang:monotonic_time(),
    kill(Victims),
    bench:per_operation(Start, ?BATCH).

waiter(Parent) ->
    Parent ! ready,
    receive never -> ok end.

kill([]) -> ok;
kill([{Pid, Ref} | Rest]) ->
    exit(Pid, kill),
    receive {'DOWN', Ref, process, _, _} -> kill(Rest) end.
