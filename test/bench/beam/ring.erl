%% A token goes round a ring of 1,000 processes; it counts the rounds down, and the last one ends the processes.
-module(ring).
-export([measure/1]).
-define(SIZE, 1000).

measure(Count) ->
    First = build(self(), ?SIZE - 1),
    round(First, 1),
    Rounds = Count div ?SIZE,
    Start = erlang:monotonic_time(),
    rounds(First, Rounds),
    Figure = bench:per_operation(Start, Rounds * ?SIZE),
    round(First, 0),
    Figure.

build(Next, 0) -> Next;
build(Next, N) -> build(spawn(fun() -> pass(Next) end), N - 1).

pass(Next) ->
    receive
        {token, 0} -> Next ! {token, 0};
        {token, Rounds} -> Next ! {token, Rounds}, pass(Next)
    end.

rounds(_First, 0) -> ok;
rounds(First, Rounds) -> round(First, Rounds), rounds(First, Rounds - 1).

round(First, Rounds) ->
    First ! {token, Rounds},
    receive {token, _} -> ok end.
