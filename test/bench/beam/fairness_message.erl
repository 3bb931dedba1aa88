%% A thousand processes that never wait, and one that does: how long a message is under way until it runs.
-module(fairness_message).
-export([measure/1]).
-define(SPINNERS, 1000).
-define(MOST_PAUSE_MS, 20).

measure(Count) ->
    Spinners = [spawn(fun() -> spin(0) end) || _ <- lists:seq(1, ?SPINNERS)],
    Self = self(),
    Latecomer = spawn(fun() -> latecomer(Self) end),
    Samples = [sample(Latecomer) || _ <- lists:seq(1, Count)],
    [exit(Pid, kill) || Pid <- [Latecomer | Spinners]],
    Samples.

spin(N) -> spin(N + 1).

latecomer(Reporter) ->
    receive {sent, At} -> Reporter ! {late, bench:per_operation(At, 1)} end,
    latecomer(Reporter).

sample(Latecomer) ->
    timer:sleep(rand:uniform(?MOST_PAUSE_MS)),
    Latecomer ! {sent, erlang:monotonic_time()},
    receive {late, Nanoseconds} -> Nanoseconds end.
