%% Plays the scenarios of scenario.ts on a real BEAM. What it writes for each step is [Result, Log]: the answer of a management call as
%% text, and what happened, in order: "+id" a start, "!id" a start that failed or said ignore, "-id reason" an end, "supervisor reason".
%% Run on one scheduler (+S 1:1): all but the driver have priority high, so that the driver runs only when nothing moves any more.
-module(player).
-export([main/2, init/1, start_child/1, start_child/2]).

main(In, Out) ->
    logger:set_primary_config(level, none),
    {ok, Bytes} = file:read_file(In),
    Traces = [play(Scenario) || Scenario <- binary_to_term(Bytes)],
    ok = file:write_file(Out, term_to_binary(Traces)).

play(#{flavour := Flavour, flags := Flags0, children := Children, steps := Steps}) ->
    ets:new(state, [named_table, public]),
    Flags = maps:map(fun(_, V) when is_binary(V) -> binary_to_atom(V); (_, V) -> V end, Flags0),
    Flavour =:= <<"time">> andalso align(),
    Driver = self(),
    ets:insert(state, {driver, Driver}),
    ets:insert(state, {dynamic, Flavour =:= <<"simple_one_for_one">>}),
    ets:insert(state, {spec, {Flags, [spec(C) || C <- Children]}}),
    Holder = spawn_opt(fun() -> holder(Driver) end, [{priority, high}]),
    Start = do(Holder, start),
    Trace = [Start | [do(Holder, Step) || Step <- Steps]],
    exit(Holder, kill),
    [exit(Pid, kill) || {{pid, _}, Pid} <- ets:tab2list(state)],
    case ets:lookup(state, supervisor) of [{_, Sup}] -> exit(Sup, kill); [] -> ok end,
    settle(),
    flush(),
    ets:delete(state),
    Trace.

%% The seconds of the restart window begin at the same place for everybody.
align() ->
    Ms = erlang:monotonic_time(millisecond),
    timer:sleep(1000 - ((Ms rem 1000) + 1000) rem 1000 + 50).

do(Holder, [<<"sleep">>, Ms]) ->
    timer:sleep(Ms),
    [<<"ok">>, log(Holder)];
do(_, [<<"fail">>, Id, Times, How]) ->
    ets:insert(state, {{fail, Id}, Times, How}),
    [<<"ok">>, []];
do(Holder, [<<"end">>, Id, Reason]) ->
    case ets:lookup(state, {pid, Id}) of
        [{_, Pid}] when Reason =:= <<"kill">> -> exit(Pid, kill);
        [{_, Pid}] -> Pid ! {stop, reason(Reason)};
        [] -> ok
    end,
    [<<"ok">>, log(Holder)];
do(Holder, Step) ->
    Holder ! {do, Step},
    Result = receive {result, R} -> R end,
    [Result, log(Holder)].

%% Waits until nothing happens any more: a supervisor answers when it is done with what came before. A retry of a failed start comes
%% after the question that was waiting with it, so it is asked several times.
log(Holder) ->
    [begin settle(), Holder ! {do, idle}, receive {result, _} -> ok end end || _ <- lists:seq(1, 6)],
    settle(),
    collect([]).

collect(Log) ->
    receive
        {log, Text} -> collect([Text | Log]);
        {trace, Pid, exit, Reason} ->
            case ets:lookup(state, {id, Pid}) of
                [{_, Id}] ->
                    case ets:lookup(state, {pid, Id}) of [{_, Pid}] -> ets:delete(state, {pid, Id}); _ -> ok end,
                    collect([<<"-", Id/binary, " ", (text(Reason))/binary>> | Log]);
                [] -> collect([<<"supervisor ", (text(Reason))/binary>> | Log])
            end;
        {trace, _, _, _} -> collect(Log);
        {trace, _, _, _, _} -> collect(Log)
    after 0 -> lists:reverse(Log)
    end.

settle() ->
    erlang:yield(),
    timer:sleep(0),
    erlang:yield().

flush() -> receive _ -> flush() after 0 -> ok end.

%% ---- the supervisor's parent, which asks it what is to be asked

holder(Driver) ->
    process_flag(trap_exit, true),
    holder(Driver, undefined).
holder(Driver, Sup) ->
    receive
        {do, start} ->
            Result = supervisor:start_link(?MODULE, []),
            NewSup = case Result of {ok, Pid} -> Pid; _ -> undefined end,
            Driver ! {result, text(Result)},
            holder(Driver, NewSup);
        {do, idle} ->
            catch gen_server:call(Sup, count_children, infinity),
            Driver ! {result, ok},
            holder(Driver, Sup);
        {do, [<<"stop">>, Reason]} ->
            is_pid(Sup) andalso exit(Sup, reason(Reason)),
            Driver ! {result, <<"ok">>},
            holder(Driver, Sup);
        {do, Step} ->
            Driver ! {result, ask(Sup, Step)},
            holder(Driver, Sup);
        _ ->
            holder(Driver, Sup)
    end.

ask(undefined, _) -> <<"none">>;
ask(Sup, Step) ->
    try text(gen_server:call(Sup, request(Step), infinity))
    catch exit:{Reason, _} -> <<"exit ", (text(Reason))/binary>>
    end.

request([<<"start_child">>, Child]) ->
    case dynamic() of
        true -> {start_child, [Child]};
        false -> {start_child, spec(Child)}
    end;
request([Name, Id]) -> {binary_to_atom(Name), address(Name, Id)};
request([Name]) -> binary_to_atom(Name).

%% Children of a simple_one_for_one are addressed by their pid; one that never was, or is gone, by a dead pid.
address(Name, Id) ->
    case dynamic() andalso Name =/= <<"delete_child">> of
        true ->
            case ets:lookup(state, {last, Id}) of
                [{_, Pid}] -> Pid;
                [] -> dead()
            end;
        false -> binary_to_atom(Id)
    end.

dynamic() -> ets:lookup_element(state, dynamic, 2).

dead() ->
    {Pid, Ref} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Ref, _, _, _} -> Pid end.

%% ---- the supervisor and its children

init([]) ->
    process_flag(priority, high),
    ets:insert(state, {supervisor, self()}),
    erlang:trace(self(), true, [procs, set_on_spawn, {tracer, ets:lookup_element(state, driver, 2)}]),
    {ok, ets:lookup_element(state, spec, 2)}.

spec(#{id := Id, restart := Restart, shutdown := Shutdown, type := Type, significant := Significant} = Child) ->
    #{id => binary_to_atom(Id),
      start => {?MODULE, start_child, case dynamic() of true -> []; false -> [Child] end},
      restart => binary_to_atom(Restart),
      shutdown => case Shutdown of _ when is_binary(Shutdown) -> binary_to_atom(Shutdown); _ -> Shutdown end,
      type => binary_to_atom(Type),
      significant => Significant,
      modules => []}.

start_child(_, Child) -> start_child(Child).
start_child(#{id := Id, manner := Manner}) ->
    Driver = ets:lookup_element(state, driver, 2),
    case ets:lookup(state, {fail, Id}) of
        [{_, Times, How}] when Times > 0 ->
            ets:insert(state, {{fail, Id}, Times - 1, How}),
            Driver ! {log, <<"!", Id/binary>>},
            case How of <<"error">> -> {error, cannot}; <<"ignore">> -> ignore end;
        _ ->
            Driver ! {log, <<"+", Id/binary>>},
            Sup = self(),
            Pid = spawn_opt(fun() -> child(Manner, Sup) end, [link, {priority, high}]),
            %% Whether a child traps must not depend on how soon it is stopped.
            receive {ready, Pid} -> ok end,
            ets:insert(state, [{{id, Pid}, Id}, {{pid, Id}, Pid}, {{last, Id}, Pid}]),
            {ok, Pid}
    end.

child(Manner, Sup) ->
    process_flag(trap_exit, Manner =/= <<"plain">>),
    Sup ! {ready, self()},
    loop(Manner).

loop(Manner) ->
    receive
        {stop, Reason} -> exit(Reason);
        {'EXIT', _, _} when Manner =:= <<"stubborn">> -> loop(Manner);
        {'EXIT', _, _} when Manner =:= <<"otherwise">> -> exit(otherwise);
        {'EXIT', _, Reason} -> exit(Reason)
    end.

reason(<<"tuple">>) -> {shutdown, tuple};
reason(Reason) -> binary_to_atom(Reason).

%% ---- terms as text

text(Term) -> unicode:characters_to_binary(io_lib:format("~w", [plain(Term)])).

plain(Pid) when is_pid(Pid) -> case ets:lookup(state, {id, Pid}) of [{_, Id}] -> binary_to_atom(Id); [] -> pid end;
plain({child, _, Id, _, Restart, Significant, Shutdown, Type, _}) -> {child, Id, Restart, Significant, Shutdown, Type};
plain(#{start := _} = Spec) -> plain(lists:sort(maps:to_list(maps:remove(start, Spec))));
plain(Tuple) when is_tuple(Tuple) -> list_to_tuple([plain(E) || E <- tuple_to_list(Tuple)]);
plain([H | T]) -> [plain(H) | plain(T)];
plain(Term) -> Term.
