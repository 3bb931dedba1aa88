%% A hundred processes send to one.
-module(fan_in).
-export([measure/1]).
-define(SENDERS, 100).

measure(Count) ->
    Self = self(),
    Senders = [spawn(fun() -> sender() end) || _ <- lists:seq(1, ?SENDERS)],
    Share = Count div ?SENDERS,
    Start = erlang:monotonic_time(),
    [Sender ! {start, Self, Share} || Sender <- Senders],
    take(Share * ?SENDERS),
    bench:per_operation(Start, Share * ?SENDERS).

sender() ->
    receive {start, To, Share} -> send(To, self(), 0, Share) end.

send(_To, _Self, Share, Share) -> ok;
send(To, Self, N, Share) -> To ! {item, Self, N}, send(To, Self, N + 1, Share).

take(0) -> ok;
take(N) -> receive {item, _, _} -> take(N - 1) end.
