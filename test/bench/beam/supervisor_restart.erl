%% Kills the child of a supervisor, which restarts it, and waits until the new one says that it is up. A new supervisor every hundred
%% restarts, because it remembers those that count. Reports of the crashes are turned off.
-module(supervisor_restart).
-behaviour(supervisor).
-export([measure/1, init/1, start_child/1]).
-define(BATCH, 100).

measure(Count) ->
    ok = logger:set_primary_config(level, none),
    Batches = Count div ?BATCH,
    lists:sum([batch() || _ <- lists:seq(1, Batches)]) / Batches.

batch() ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, self()),
    First = receive {up, Pid} -> Pid end,
    Start = erlang:monotonic_time(),
    restarts(First, ?BATCH),
    Figure = bench:per_operation(Start, ?BATCH),
    gen_server:stop(Supervisor),
    Figure.

restarts(_Pid, 0) -> ok;
restarts(Pid, N) ->
    exit(Pid, kill),
    receive {up, Next} -> restarts(Next, N - 1) end.

init(Parent) ->
    Child = #{id => child, start => {?MODULE, start_child, [Parent]}},
    {ok, {#{intensity => ?BATCH, period => 5}, [Child]}}.

start_child(Parent) ->
    {ok, spawn_link(fun() -> Parent ! {up, self()}, receive never -> ok end end)}.
