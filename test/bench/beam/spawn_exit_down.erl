%% Spawns a process that ends at once, and waits for the news of its end; then the next.
-module(spawn_exit_down).
-export([measure/1]).

measure(Count) ->
    Start = erlang:monotonic_time(),
    loop(Count),
    bench:per_operation(Start, Count).

loop(0) -> ok;
loop(N) ->
    {_, Ref} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Ref, process, _, _} -> loop(N - 1) end.
