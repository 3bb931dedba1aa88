%% Plays the scenarios of the differential test on a real BEAM and records what each process sees.
%% Run on one scheduler (+S 1:1): the processes of a scenario have priority high and the driver normal, so that the driver runs only
%% when nothing moves any more. What a step does is described in scenario.ts, what is recorded in trace.ts.
-module(player).
-export([main/2, actor/2]).

main(In, Out) ->
    logger:set_primary_config(level, none),
    {ok, Bytes} = file:read_file(In),
    {ok, _} = pg:start(groups),
    Traces = [play(Scenario, 6) || Scenario <- binary_to_term(Bytes)],
    ok = file:write_file(Out, term_to_binary(Traces)).

%% A scenario in which time did not pass as planned is played again; one with a race is given up.
play(_, 0) -> <<"unstable">>;
play(Scenario, Tries) ->
    ets:new(slots, [named_table, public]),
    Result = try run(Scenario) catch throw:Reason -> Reason end,
    [kill(Pid) || {{pid, _}, Pid} <- ets:tab2list(slots)],
    catch settle(),
    flush(),
    ets:delete(slots),
    case Result of
        unstable -> play(Scenario, Tries - 1);
        racy -> <<"racy">>;
        Trace -> Trace
    end.

run([Initial, Steps]) ->
    [new_actor(Slot, []) || Slot <- lists:seq(0, Initial - 1)],
    State0 = #{start => erlang:monotonic_time(millisecond), elapsed => 0, busy => [], known => #{}, watched => #{}},
    {Trace, State} = lists:mapfoldl(fun step/2, watch(State0), Steps),
    settle(),
    [Trace, [final(Slot) || {Slot, _} <- lists:sort(alive()), not is_busy(Slot, State)]].

step([<<"sleep">>, Ms], State = #{start := Start, elapsed := Elapsed}) ->
    Now = Elapsed + Ms,
    case Start + Now - erlang:monotonic_time(millisecond) of
        Left when Left > 0 -> timer:sleep(Left);
        _ -> ok
    end,
    check_time(Start + Now),
    finish(State#{elapsed := Now});
step([<<"start">>, Slot], State = #{start := Start, elapsed := Elapsed}) ->
    check_time(Start + Elapsed),
    new_actor(Slot, []),
    finish(State);
step([<<"run">>, Slot, Commands], State = #{start := Start, elapsed := Elapsed}) ->
    check_time(Start + Elapsed),
    case {pid_of(Slot), is_busy(Slot, State)} of
        {Pid, false} when is_pid(Pid) ->
            Pid ! {command, Commands},
            finish(State#{busy := [Slot | maps:get(busy, State)]});
        _ ->
            finish(State)
    end.

check_time(Planned) ->
    case abs(erlang:monotonic_time(millisecond) - Planned) of
        Off when Off > 30 -> throw(unstable);
        _ -> ok
    end.

%% What a step brought: results of commands, deaths, and what arrived where.
finish(State0) ->
    settle(),
    {Results, Idle} = results([], []),
    State1 = State0#{busy := maps:get(busy, State0) -- Idle},
    Deaths = deaths(),
    State2 = watch(State1),
    {Arrivals, State3} = arrivals(State2, Results),
    #{start := Start, elapsed := Elapsed} = State3,
    check_time(Start + Elapsed),
    {[Results, Deaths, Arrivals], State3}.

results(Results, Idle) ->
    receive
        {result, Slot, Result} -> results([[Slot, Result] | Results], Idle);
        {idle, Slot} -> results(Results, [Slot | Idle])
    after 0 -> {lists:sort(fun([A, _], [B, _]) -> A =< B end, lists:reverse(Results)), Idle}
    end.

deaths() -> lists:sort(deaths([])).
deaths(Found) ->
    receive {{watch, Slot}, _, process, _, Reason} -> deaths([[Slot, reason(Reason)] | Found])
    after 0 -> Found
    end.

%% The driver watches every process there is.
watch(State = #{watched := Watched}) ->
    New = [{Slot, Pid} || {{pid, Slot}, Pid} <- ets:tab2list(slots), not maps:is_key(Slot, Watched)],
    State#{watched := lists:foldl(
        fun({Slot, Pid}, Map) -> Map#{Slot => monitor(process, Pid, [{tag, {watch, Slot}}])} end, Watched, New)}.

arrivals(State0, Results) ->
    lists:foldl(fun({Slot, Pid}, {Found, State = #{known := Known}}) ->
        {messages, Raw} = process_info(Pid, messages),
        Messages = [message(M) || M <- Raw, element(1, M) =/= command],
        Taken = [M || [S, [<<"received">>, M]] <- Results, S =:= Slot],
        New = new(maps:get(Slot, Known, []) -- Taken, Messages),
        Unseen = [M || M <- Taken, not lists:member(M, maps:get(Slot, Known, []))],
        Origins = lists:usort([origin(M) || M <- New ++ Unseen]),
        case {New, length(Origins) > 1} of
            {[], false} -> {Found, State#{known := Known#{Slot => Messages}}};
            {_, true} when Unseen =/= [] -> throw(racy);
            {_, true} ->
                is_busy(Slot, State) andalso throw(racy),
                Pid ! {command, [[<<"drain">>]]},
                settle(),
                results([], []),
                process_info(Pid, message_queue_len) =:= {message_queue_len, 0} orelse throw(racy),
                {[[Slot, by_origin(New)] | Found], State#{known := Known#{Slot => []}}};
            _ -> {[[Slot, New] | Found], State#{known := Known#{Slot => Messages}}}
        end
    end, {[], State0}, lists:reverse(lists:sort(alive()))).

%% What follows the known messages, some of which may have been taken.
new([], Messages) -> Messages;
new(_, []) -> [];
new([M | Known], [M | Messages]) -> new(Known, Messages);
new([_ | Known], Messages) -> new(Known, Messages).

by_origin(Messages) ->
    [M || {_, _, M} <- lists:sort([{origin(M), N, M} || {N, M} <- lists:enumerate(Messages)])].

final(Slot) ->
    Pid = pid_of(Slot),
    {messages, Messages} = process_info(Pid, messages),
    [Slot, [info(Pid, Item) || Item <- [<<"links">>, <<"monitors">>, <<"monitoredBy">>, <<"trapExit">>, <<"registeredName">>]],
     [message(M) || M <- Messages, element(1, M) =/= command]].

is_busy(Slot, #{busy := Busy}) -> lists:member(Slot, Busy).
alive() -> [{Slot, Pid} || {{pid, Slot}, Pid} <- ets:tab2list(slots), is_process_alive(Pid)].

%% Lets everything happen that can happen now.
settle() ->
    [begin yield(), await_groups() end || _ <- lists:seq(1, 2)],
    yield().

yield() -> [erlang:yield() || _ <- lists:seq(1, 3)].

%% In OTP 25.2, pg itself crashes when a process dies that is a member and monitors a group: such a scenario is given up.
await_groups() ->
    try sys:get_state(groups)
    catch exit:_ ->
        {ok, _} = pg:start(groups),
        throw(racy)
    end.

flush() -> receive _ -> flush() after 0 -> ok end.

kill(Pid) ->
    catch erlang:resume_process(Pid),
    exit(Pid, kill).

%% ---- the processes of a scenario

new_actor(Slot, Options) ->
    Driver = driver(),
    Made = spawn_opt(fun() -> actor(Slot, Driver) end, [{priority, high} | Options]),
    Pid = case Made of {P, _} -> P; P -> P end,
    ets:insert(slots, [{{pid, Slot}, Pid}, {{slot, Pid}, Slot}]),
    Made.

driver() ->
    case ets:lookup(slots, driver) of
        [{_, Pid}] -> Pid;
        [] -> ets:insert(slots, {driver, self()}), self()
    end.

actor(Slot, Driver) ->
    receive
        {command, Commands} ->
            case commands(Commands, Slot, Driver) of
                return -> ok;
                ok ->
                    Driver ! {idle, Slot},
                    actor(Slot, Driver)
            end
    end.

commands([], _, _) -> ok;
commands([[<<"return">>] | _], _, _) -> return;
commands([[<<"exit">>, Reason] | _], _, _) -> exit(name(Reason));
commands([[<<"error">>, Reason] | _], _, _) -> error(name(Reason));
commands([[<<"throw">>, Reason] | _], _, _) -> throw(name(Reason));
commands([[<<"hibernate">>] | _], Slot, Driver) ->
    Driver ! {result, Slot, true},
    Driver ! {idle, Slot},
    erlang:hibernate(?MODULE, actor, [Slot, Driver]);
commands([Command | Rest], Slot, Driver) ->
    Result =
        try command(Command, Slot)
        catch
            throw:skip -> <<"skipped">>;
            error:Reason when is_atom(Reason) -> [<<"raised">>, text(Reason)];
            exit:Reason when is_atom(Reason) -> [<<"raised">>, text(Reason)]
        end,
    Driver ! {result, Slot, Result},
    commands(Rest, Slot, Driver).

command([<<"spawn">>, Child, Link, MonitorRef], Slot) ->
    Options = [link || Link] ++ [monitor || MonitorRef >= 0],
    case new_actor(Child, Options) of
        {_, Ref} -> new_ref(MonitorRef, Ref, Child);
        _ -> ok
    end,
    _ = Slot,
    true;
command([<<"send">>, To, Tag], Slot) -> address(To) ! {m, Slot, Tag}, true;
command([<<"forgeExit">>, To, From, Reason], _) -> address(To) ! {'EXIT', pid(From), name(Reason)}, true;
command([<<"forgeDown">>, To, Ref], _) -> address(To) ! {'DOWN', ref(Ref), process, self(), forged}, true;
command([<<"link">>, Peer], _) -> link(pid(Peer));
command([<<"unlink">>, Peer], _) -> unlink(pid(Peer));
command([<<"monitor">>, RefSlot, Target, Alias], Slot) ->
    {Item, Origin} = monitored(Target, Slot),
    Options = case Alias of <<"none">> -> []; _ -> [{alias, name(Alias)}] end,
    new_ref(RefSlot, monitor(process, Item, Options), Origin),
    true;
command([<<"demonitor">>, Ref, Flush, Info], _) -> demonitor(ref(Ref), [flush || Flush] ++ [info || Info]);
command([<<"alias">>, RefSlot, Reply], Slot) -> new_ref(RefSlot, alias([reply || Reply]), Slot), true;
command([<<"unalias">>, Ref], _) -> unalias(ref(Ref));
command([<<"trap">>, Flag], _) -> process_flag(trap_exit, Flag);
command([<<"exitSignal">>, Peer, Reason], _) -> exit(pid(Peer), name(Reason));
command([<<"register">>, Name, Peer], _) -> register(name(Name), pid(Peer));
command([<<"unregister">>, Name], _) -> unregister(name(Name));
command([<<"whereis">>, Name], _) -> slot(whereis(name(Name)));
command([<<"isAlive">>, Peer], _) -> is_process_alive(pid(Peer));
command([<<"info">>, Peer, Item], _) -> info(pid(Peer), Item);
command([<<"receive">>, Pattern, Timeout], _) ->
    case take(Pattern, case Timeout of -1 -> infinity; _ -> Timeout end) of
        nothing -> <<"nothing">>;
        Message -> [<<"received">>, message(Message)]
    end;
command([<<"sendAfter">>, RefSlot, Ms, To, Tag], _) ->
    new_ref(RefSlot, erlang:send_after(Ms, address(To), {t, RefSlot, Tag}), -1),
    true;
command([<<"startTimer">>, RefSlot, Ms, To, Tag], _) ->
    new_ref(RefSlot, erlang:start_timer(Ms, address(To), Tag), -1),
    true;
command([<<"cancelTimer">>, Ref], _) -> is_integer(erlang:cancel_timer(ref(Ref)));
command([<<"readTimer">>, Ref], _) -> is_integer(erlang:read_timer(ref(Ref)));
command([<<"join">>, Group, Peer], _) -> text(pg:join(groups, Group, pid(Peer)));
command([<<"leave">>, Group, Peer], _) -> text(pg:leave(groups, Group, pid(Peer)));
command([<<"members">>, Group], _) -> [slot(Pid) || Pid <- pg:get_members(groups, Group)];
command([<<"monitorGroup">>, RefSlot, Group], _) ->
    {Ref, Pids} = pg:monitor(groups, Group),
    new_ref(RefSlot, Ref, -1),
    [slot(Pid) || Pid <- Pids];
command([<<"demonitorGroup">>, Ref], _) -> text(pg:demonitor(groups, ref(Ref)));
command([<<"suspend">>, Peer], _) -> erlang:suspend_process(pid(Peer));
command([<<"resume">>, Peer], _) -> erlang:resume_process(pid(Peer));
command([<<"put">>, Key, Value], _) -> word(put(Key, Value));
command([<<"erase">>, Key], _) -> word(erase(Key));
command([<<"monitorTagged">>, RefSlot, Target, Word], Slot) ->
    {Item, Origin} = monitored(Target, Slot),
    new_ref(RefSlot, monitor(process, Item, [{tag, {tag, Word}}]), Origin),
    true;
command([<<"spawnWith">>, Child, Link, RefSlot, Alias, Word], _) ->
    Options = [{alias, name(Alias)} || Alias =/= <<"none">>] ++ [{tag, {tag, Word}} || Word =/= <<>>],
    case new_actor(Child, [link || Link] ++ [{monitor, Options} || RefSlot >= 0]) of
        {_, Ref} -> new_ref(RefSlot, Ref, Child);
        _ -> ok
    end,
    true;
command([<<"sendAfterAt">>, RefSlot, Ms, To, Tag], _) ->
    At = erlang:monotonic_time(millisecond) + Ms,
    new_ref(RefSlot, erlang:send_after(At, address(To), {t, RefSlot, Tag}, [{abs, true}]), -1),
    true;
command([<<"startTimerAt">>, RefSlot, Ms, To, Tag], _) ->
    At = erlang:monotonic_time(millisecond) + Ms,
    new_ref(RefSlot, erlang:start_timer(At, address(To), Tag, [{abs, true}]), -1),
    true;
command([<<"cancelTimerWith">>, Ref, Async, Info], _) ->
    left(erlang:cancel_timer(ref(Ref), [{async, Async}, {info, Info}]));
command([<<"readTimerAsync">>, Ref], _) -> left(erlang:read_timer(ref(Ref), [{async, true}]));
command([<<"infoOf">>, Peer, Items], _) ->
    case process_info(pid(Peer), [info_item(I) || I <- Items]) of
        undefined -> <<"undefined">>;
        Found -> [info_value(I) || I <- Found]
    end;
command([<<"leader">>, Peer], _) -> group_leader(pid(Peer), self());
command([<<"registered">>], _) -> lists:sort([text(Name) || Name <- registered(), lists:member(Name, [alpha, beta])]);
command([<<"wrong">>, What], _) -> wrong(What), true;
command([<<"joinMany">>, Group, Peers], _) -> text(pg:join(groups, Group, [pid(P) || P <- Peers]));
command([<<"leaveMany">>, Group, Peers], _) -> text(pg:leave(groups, Group, [pid(P) || P <- Peers]));
command([<<"monitorScope">>, RefSlot], _) ->
    {Ref, Groups} = pg:monitor_scope(groups),
    new_ref(RefSlot, Ref, -1),
    [[Group, [slot(Pid) || Pid <- Pids]] || {Group, Pids} <- lists:sort(maps:to_list(Groups))];
command([<<"groups">>], _) -> lists:sort(pg:which_groups(groups));
command([<<"drain">>], _) -> drain(), true.

left(Ms) when is_integer(Ms) -> true;
left(Other) -> Other.

info_item(<<"status">>) -> status;
info_item(<<"dictionary">>) -> dictionary;
info_item(<<"groupLeader">>) -> group_leader;
info_item(<<"parent">>) -> parent;
info_item(Item) -> item(Item).

info_value({dictionary, List}) -> lists:sort([[Key, Value] || {Key, Value} <- List, is_binary(Key)]);
info_value({Item, Pid}) when Item =:= group_leader; Item =:= parent -> slot(Pid);
info_value({registered_name, []}) -> <<"none">>;
info_value({links, Links}) -> lists:sort([slot(L) || L <- Links]);
info_value({monitors, Monitors}) -> lists:sort([monitored_item(M) || {process, M} <- Monitors]);
info_value({monitored_by, Pids}) -> lists:sort([slot(P) || P <- Pids, slot(P) =/= <<"unknown">>]);
info_value({_, Value}) when is_boolean(Value) -> Value;
info_value({_, Value}) when is_atom(Value) -> text(Value);
info_value({_, Value}) -> Value.

wrong(<<"link">>) -> link(odd);
wrong(<<"unlink">>) -> unlink(odd);
wrong(<<"monitor">>) -> monitor(process, make_ref());
wrong(<<"demonitor">>) -> demonitor(odd);
wrong(<<"exit">>) -> exit(odd, boom);
wrong(<<"unalias">>) -> unalias(odd);
wrong(<<"cancelTimer">>) -> erlang:cancel_timer(odd);
wrong(<<"readTimer">>) -> erlang:read_timer(odd);
wrong(<<"negativeTime">>) -> erlang:send_after(-1, self(), x);
wrong(<<"timerToAlias">>) -> erlang:send_after(70, alias(), x);
wrong(<<"registerUndefined">>) -> register(undefined, self());
wrong(<<"registerNothing">>) -> register(gamma, odd);
wrong(<<"infoItem">>) -> process_info(self(), odd);
wrong(<<"infoPid">>) -> process_info(odd, links);
wrong(<<"join">>) -> pg:join(groups, red, odd);
wrong(<<"receiveTime">>) -> receive never -> ok after -1 -> ok end;
wrong(<<"sendNothing">>) -> 17 ! x.

drain() -> receive M when element(1, M) =/= command -> drain() after 0 -> ok end.

take([<<"any">>], T) -> receive M when element(1, M) =/= command -> M after T -> nothing end;
take([<<"tag">>, Tag], T) -> receive M = {m, _, Tag} -> M after T -> nothing end;
take([<<"from">>, From], T) -> receive M = {m, From, _} -> M after T -> nothing end;
take([<<"exit">>], T) -> receive M = {'EXIT', _, _} -> M after T -> nothing end;
take([<<"down">>], T) -> receive M = {'DOWN', _, _, _, _} -> M after T -> nothing end;
take([<<"downOf">>, RefSlot], T) ->
    Ref = ref(RefSlot),
    receive M = {'DOWN', Ref, _, _, _} -> M after T -> nothing end;
take([<<"timeout">>], T) -> receive M = {timeout, _, _} -> M after T -> nothing end.

%% ---- slots

pid_of(Slot) ->
    case ets:lookup(slots, {pid, Slot}) of [{_, Pid}] -> Pid; [] -> none end.

pid(Slot) ->
    case pid_of(Slot) of none -> throw(skip); Pid -> Pid end.

ref(RefSlot) ->
    case ets:lookup(slots, {ref, RefSlot}) of [{_, Ref}] -> Ref; [] -> throw(skip) end.

new_ref(RefSlot, Ref, Origin) ->
    ets:insert(slots, [{{ref, RefSlot}, Ref}, {{ref_slot, Ref}, RefSlot}, {{origin, RefSlot}, Origin}]).

address([<<"pid">>, Slot]) -> pid(Slot);
address([<<"name">>, Name]) -> name(Name);
address([<<"nameOnNode">>, Name]) -> {name(Name), node()};
address([<<"ref">>, Ref]) -> ref(Ref).

%% Whom a monitor is for, and whose death it will tell of: oneself, if nobody is there.
monitored(Target, Self) ->
    Item = address(Target),
    Pid = case Item of {Name, _} -> whereis(Name); Name when is_atom(Name) -> whereis(Name); _ -> Item end,
    {Item, case slot(Pid) of <<"undefined">> -> Self; Slot -> Slot end}.

%% ---- how things are written down

message({m, From, Tag}) -> [<<"message">>, From, Tag];
message({t, RefSlot, Tag}) -> [<<"timer">>, RefSlot, Tag];
message({timeout, Ref, Tag}) -> [<<"timeout">>, ref_slot(Ref), Tag];
message({{tag, Word}, Ref, process, {Name, _}, Reason}) -> [<<"tagged">>, ref_slot(Ref), Word, text(Name), reason(Reason)];
message({{tag, Word}, Ref, process, Pid, Reason}) -> [<<"tagged">>, ref_slot(Ref), Word, slot(Pid), reason(Reason)];
message({cancel_timer, Ref, Left}) -> [<<"cancelled">>, ref_slot(Ref), left(Left)];
message({read_timer, Ref, Left}) -> [<<"read">>, ref_slot(Ref), left(Left)];
message({'EXIT', Pid, Reason}) -> [<<"exit">>, slot(Pid), reason(Reason)];
message({'DOWN', Ref, process, {Name, _}, Reason}) -> [<<"down">>, ref_slot(Ref), text(Name), reason(Reason)];
message({'DOWN', Ref, process, Pid, Reason}) -> [<<"down">>, ref_slot(Ref), slot(Pid), reason(Reason)];
message({Ref, Change, Group, Pids}) when is_reference(Ref) ->
    [text(Change), ref_slot(Ref), Group, [slot(Pid) || Pid <- Pids]].

%% Whom it came from: only messages of one origin have an order.
origin([<<"message">>, From, _]) -> From;
origin([<<"exit">>, From, _]) -> From;
origin([<<"tagged">>, RefSlot | _]) -> origin([<<"down">>, RefSlot]);
origin([<<"cancelled">>, RefSlot, _]) -> 1000 + RefSlot;
origin([<<"read">>, RefSlot, _]) -> 1000 + RefSlot;
origin([<<"down">>, RefSlot | _]) -> [{_, Origin}] = ets:lookup(slots, {origin, RefSlot}), Origin;
origin([<<"timer">>, RefSlot, _]) -> 1000 + RefSlot;
origin([<<"timeout">>, RefSlot, _]) -> 1000 + RefSlot;
origin([_, RefSlot | _]) -> 2000 + RefSlot.

reason({{nocatch, Term}, Stack}) when is_list(Stack) -> [<<"nocatch">>, text(Term)];
reason({Reason, Stack}) when is_list(Stack) -> [<<"error">>, text(Reason)];
reason(Reason) -> text(Reason).

info(Pid, Item) ->
    case process_info(Pid, item(Item)) of
        undefined -> <<"undefined">>;
        [] -> <<"none">>;
        {links, Links} -> lists:sort([slot(L) || L <- Links]);
        {monitors, Monitors} -> lists:sort([monitored_item(M) || {process, M} <- Monitors]);
        {monitored_by, Pids} -> lists:sort([slot(P) || P <- Pids, slot(P) =/= <<"unknown">>]);
        {registered_name, Name} -> text(Name);
        {_, Value} -> Value
    end.

item(<<"links">>) -> links;
item(<<"monitors">>) -> monitors;
item(<<"monitoredBy">>) -> monitored_by;
item(<<"trapExit">>) -> trap_exit;
item(<<"messageQueueLength">>) -> message_queue_len;
item(<<"registeredName">>) -> registered_name.

monitored_item({Name, _}) -> text(Name);
monitored_item(Pid) -> slot(Pid).

slot(undefined) -> <<"undefined">>;
slot(Pid) ->
    case ets:lookup(slots, {slot, Pid}) of [{_, Slot}] -> Slot; [] -> <<"unknown">> end.

ref_slot(Ref) ->
    case ets:lookup(slots, {ref_slot, Ref}) of [{_, Slot}] -> Slot; [] -> <<"unknown">> end.

word(undefined) -> <<"undefined">>;
word(Value) -> Value.

name(Binary) -> binary_to_atom(Binary).
text(Atom) when is_atom(Atom) -> atom_to_binary(Atom);
text(Other) -> Other.
