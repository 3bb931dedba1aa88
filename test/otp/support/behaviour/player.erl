%% Plays the scenarios of scenario.ts on a real gen_server or gen_statem. What it writes for each step is [Results, Logs, Deaths, Mail]:
%% what the clients' commands gave, in order; which callbacks ran, server by server; who ended, and why; and what waits in the mailbox
%% of each client that waits for nothing, when that has changed.
%% Run on one scheduler (+S 1:1). The driver has priority low, and so gets one turn in eight while anything moves: it waits for so many
%% turns that nothing moves any more. With a higher priority than the driver's being able to starve it, a server that is suspended while
%% it hibernates with messages waiting, which in OTP 25 goes round and round, would be the end.
-module(player).
-export([main/2, born/1, note/2, count/0, text/1, atom/1, reason/1, server/1, reply/2]).

-define(CLIENTS, 4).
%% Callbacks that run again and again without an end would keep the driver from running for ever.
-define(MOST_CALLBACKS, 300).

main(In, Out) ->
    process_flag(priority, low),
    logger:set_primary_config(level, none),
    {ok, Bytes} = file:read_file(In),
    Scenarios = binary_to_term(Bytes),
    %% Nothing waits for the code server while something is played.
    [begin {ok, Modules} = application:get_key(App, modules), code:ensure_modules_loaded(Modules) end || App <- [kernel, stdlib]],
    code:ensure_modules_loaded([server, machine, machine_too]),
    Traces = [play(Scenario, 10) || Scenario <- Scenarios],
    ok = file:write_file(Out, term_to_binary(Traces)).

play(_, 0) -> <<"unstable">>;
play(#{behaviour := Behaviour, steps := Steps} = Scenario, Tries) ->
    ets:new(state, [named_table, public]),
    Driver = self(),
    ets:insert(state, [{driver, Driver}, {behaviour, atom(Behaviour)}, {callbacks, 0}]),
    ets:insert(state, {undertaker, spawn_opt(fun() -> undertaker(Driver) end, [{priority, normal}])}),
    [new_client(C) || C <- lists:seq(0, ?CLIENTS - 1)],
    settle(),
    Start = now_ms(),
    Result = try
        {Trace, _} = lists:mapfoldl(fun(Step, Elapsed) ->
            Now = case Step of [<<"sleep">>, Ms] -> Elapsed + Ms; _ -> Elapsed end,
            wait_until(Start + Now),
            do_step(Step),
            settle(),
            {collect(), Now}
        end, 0, Steps),
        Trace
    catch throw:unstable -> unstable
    end,
    [begin unlink(Pid), exit(Pid, kill) end || {{name_of, Pid}, _} <- ets:tab2list(state)],
    settle(),
    exit(ets:lookup_element(state, undertaker, 2), kill),
    settle(),
    flush(),
    ets:delete(state),
    case Result of unstable -> play(Scenario, Tries - 1); _ -> Result end.

now_ms() -> erlang:monotonic_time(millisecond).

wait_until(Planned) ->
    case Planned - now_ms() of
        Left when Left > 0 -> timer:sleep(Left);
        _ -> ok
    end,
    case now_ms() - Planned of
        Late when Late > 8 -> throw(unstable);
        _ -> ok
    end.

settle() -> [erlang:yield() || _ <- lists:seq(1, 80)].
flush() -> receive _ -> flush() after 0 -> ok end.

do_step([<<"sleep">>, _]) -> ok;
do_step([<<"replace">>, C]) ->
    exit(client(C), kill),
    settle(),
    new_client(C);
do_step([<<"run">>, C, Commands]) ->
    is_process_alive(client(C)) orelse new_client(C),
    case ets:member(state, {busy, C}) of
        true -> ok;
        false ->
            ets:insert(state, {{busy, C}, true}),
            client(C) ! {command, Commands}
    end.

collect() ->
    {Results, Logs, Deaths} = collect([], [], []),
    Mail = [[C, M] || C <- lists:seq(0, ?CLIENTS - 1), M <- mail(C)],
    [Results, Logs, Deaths, Mail].

collect(Results, Logs, Deaths) ->
    receive
        {result, C, Text} -> collect([[C, Text] | Results], Logs, Deaths);
        {log, Slot, Text} -> collect(Results, [[Slot, Text] | Logs], Deaths);
        {death, Name, Reason} -> collect(Results, Logs, [[Name, Reason] | Deaths])
    after 0 ->
        ByFirst = fun([A, _], [B, _]) -> A =< B end,
        {lists:sort(ByFirst, lists:reverse(Results)), lists:sort(ByFirst, lists:reverse(Logs)), lists:sort(Deaths)}
    end.

mail(C) ->
    Messages = case ets:member(state, {busy, C}) of true -> undefined; false -> process_info(client(C), messages) end,
    case {Messages, ets:lookup(state, {mail, C})} of
        {undefined, _} -> [];
        {{messages, []}, []} -> [];
        {{messages, Found}, Known} ->
            Texts = [text(M) || M <- Found],
            ets:insert(state, {{mail, C}, Texts}),
            [Texts || Known =/= [{{mail, C}, Texts}]]
    end.

%% ---- who is who

new_client(C) ->
    Driver = driver(),
    Pid = spawn_opt(fun() -> client(C, Driver) end, [{priority, normal}]),
    ets:delete(state, {busy, C}),
    ets:delete(state, {mail, C}),
    ets:insert(state, [{{client, C}, Pid}, {{name_of, Pid}, list_to_atom("c" ++ integer_to_list(C))}]),
    watch(Pid).

client(C) -> ets:lookup_element(state, {client, C}, 2).
driver() -> ets:lookup_element(state, driver, 2).
name_of(Pid) -> case ets:lookup(state, {name_of, Pid}) of [{_, Name}] -> Name; [] -> pid end.
server(Slot) -> case ets:lookup(state, {server, Slot}) of [{_, Pid}] -> Pid; [] -> throw(skip) end.

%% A server's init says who it is.
born(Slot) ->
    Name = list_to_atom("s" ++ integer_to_list(Slot)),
    ets:insert(state, [{{server, Slot}, self()}, {{name_of, self()}, Name}]),
    watch(self()).

%% Tells the driver when a process ends. Has seen it before this returns.
watch(Pid) ->
    Ref = make_ref(),
    ets:lookup_element(state, undertaker, 2) ! {watch, Pid, self(), Ref},
    receive Ref -> ok end.

undertaker(Driver) ->
    receive
        {watch, Pid, From, Ref} ->
            monitor(process, Pid),
            From ! Ref;
        {'DOWN', _, process, Pid, Reason} ->
            Driver ! {death, atom_to_binary(name_of(Pid)), text(Reason)}
    end,
    undertaker(Driver).

note(Slot, Text) -> driver() ! {log, Slot, iolist_to_binary(Text)}.

%% Whether a callback may still do something.
count() -> ets:update_counter(state, callbacks, 1) =< ?MOST_CALLBACKS.

%% ---- clients

client(C, Driver) ->
    receive
        {command, Commands} ->
            [begin
                Text = try do(Command)
                    catch
                        throw:skip -> <<"skipped">>;
                        Class:Reason -> [atom_to_binary(Class), $\s, text(Reason)]
                    end,
                Driver ! {result, C, iolist_to_binary(Text)}
            end || Command <- Commands],
            ets:delete(state, {busy, C}),
            client(C, Driver)
    end.

behaviour() -> ets:lookup_element(state, behaviour, 2).
callbacks() -> case behaviour() of gen_server -> server; gen_statem -> machine end.

do([<<"start">>, Slot, How, Name, Limit, Init]) ->
    Args = #{slot => Slot, init => Init},
    Options = [{timeout, Limit} || Limit >= 0],
    B = behaviour(),
    text(case Name of
        <<>> -> B:(atom(How))(callbacks(), Args, Options);
        _ -> B:(atom(How))({local, atom(Name)}, callbacks(), Args, Options)
    end);
do([<<"call">>, Target, Order, -2]) -> text((behaviour()):call(target(Target), Order));
do([<<"call">>, Target, Order, Limit]) -> text((behaviour()):call(target(Target), Order, limit(Limit)));
do([<<"cast">>, Target, Order]) -> text((behaviour()):cast(target(Target), Order));
do([<<"info">>, Target, Order]) -> target(Target) ! Order, <<"sent">>;
do([<<"plain">>, Target, Text]) -> target(Target) ! Text, <<"sent">>;
do([<<"abcast">>, Name, Nodes, Order]) -> text(gen_server:abcast(the_nodes(Nodes), atom(Name), Order));
do([<<"multi_call">>, Name, Nodes, Order, Limit]) ->
    text(gen_server:multi_call(the_nodes(Nodes), atom(Name), Order, limit(Limit)));
do([<<"send_request">>, Id, Target, Order]) ->
    put({request, Id}, (behaviour()):send_request(target(Target), Order)),
    <<"ok">>;
do([<<"receive_response">>, Id, Limit]) -> text((behaviour()):receive_response(request(Id), limit(Limit)));
do([<<"wait_response">>, Id, Limit]) -> text((behaviour()):wait_response(request(Id), limit(Limit)));
do([<<"check_response">>, Id]) ->
    Request = request(Id),
    receive Message -> text((behaviour()):check_response(Message, Request)) after 0 -> <<"nothing">> end;
do([<<"collect">>, Label, Target, Order]) ->
    put(requests, (behaviour()):send_request(target(Target), Order, atom(Label), requests())),
    <<"ok">>;
do([<<"receive_any">>, Limit, Remove]) ->
    Result = (behaviour()):receive_response(requests(), limit(Limit), Remove),
    %% What was given up is not asked for again.
    Result =:= timeout andalso erase(requests),
    labelled(Result);
do([<<"wait_any">>, Limit, Remove]) -> labelled((behaviour()):wait_response(requests(), limit(Limit), Remove));
do([<<"check_any">>, Remove]) ->
    receive Message -> labelled((behaviour()):check_response(Message, requests(), Remove)) after 0 -> <<"nothing">> end;
do([<<"size">>]) -> text((behaviour()):reqids_size(requests()));
do([<<"stop">>, Target, Reason, Limit]) -> text((behaviour()):stop(target(Target), reason(Reason), limit(Limit)));
do([<<"sys">>, What, Target]) -> sys(What, target(Target));
do([<<"go">>, Slot]) -> server(Slot) ! go, <<"sent">>;
do([<<"exit">>, Slot, Reason]) -> text(exit(server(Slot), reason(Reason)));
do([<<"link">>, Slot]) -> text(link(server(Slot)));
do([<<"unlink">>, Slot]) -> text(unlink(server(Slot)));
do([<<"trap">>, Flag]) -> text(process_flag(trap_exit, Flag)).

request(Id) -> case get({request, Id}) of undefined -> throw(skip); Request -> Request end.
requests() -> case get(requests) of undefined -> (behaviour()):reqids_new(); Requests -> Requests end.

labelled({Response, Label, Requests}) -> put(requests, Requests), text({Response, Label});
labelled(Other) -> text(Other).

limit(-1) -> infinity;
limit(Ms) -> Ms.

target([<<"pid">>, Slot]) -> server(Slot);
target([<<"name">>, Name]) -> atom(Name);
target([<<"node">>, Name]) -> {atom(Name), node()};
target([<<"elsewhere">>, Name]) -> {atom(Name), else@where};
target([<<"self">>]) -> self().

the_nodes(Nodes) -> [case Node of <<"here">> -> node(); _ -> else@where end || Node <- Nodes].

sys(<<"replace_state">>, Target) -> text(sys:replace_state(Target, fun changed/1));
sys(<<"replace_state_error">>, Target) -> text(sys:replace_state(Target, fun(_) -> error(oops) end));
sys(<<"replace_state_throw">>, Target) -> text(sys:replace_state(Target, fun(_) -> throw(thrown) end));
sys(<<"terminate">>, Target) -> text(sys:terminate(Target, boom));
sys(<<"change_code">>, Target) -> text(sys:change_code(Target, callbacks(), undefined, 1000));
sys(<<"change_code_error">>, Target) -> text(sys:change_code(Target, callbacks(), undefined, error));
sys(<<"log">>, Target) -> text(sys:log(Target, true));
sys(<<"log_off">>, Target) -> text(sys:log(Target, false));
sys(<<"log_get">>, Target) -> text(sys:log(Target, get));
sys(<<"statistics">>, Target) -> text(sys:statistics(Target, true));
sys(<<"statistics_get">>, Target) ->
    case sys:statistics(Target, get) of
        {ok, [_, _, _, In, Out]} -> text({In, Out});
        Other -> text(Other)
    end;
sys(<<"odd">>, Target) ->
    Ref = make_ref(),
    Mon = monitor(process, Target),
    Target ! {system, {self(), Ref}, odd},
    Answer = receive {Ref, A} -> text(A); {'DOWN', Mon, _, _, _} -> <<"down">> end,
    demonitor(Mon, [flush]),
    Answer;
sys(<<"get_status">>, Target) ->
    {status, Pid, {module, _}, [_, State, Parent, Debug, Misc]} = sys:get_status(Target),
    text({Pid, State, Parent, length(Debug), lists:last([Data || {data, [{"State", Data}]} <- Misc])});
sys(What, Target) -> text(sys:(atom(What))(Target)).

changed({State, {N, Waiting, End}}) -> {State, {N + 100, Waiting, End}};
changed({N, Waiting, End}) -> {N + 100, Waiting, End}.

reply(To, Reply) -> (behaviour()):reply(To, Reply).

%% ---- terms as text

atom(Text) -> binary_to_atom(Text).
reason(<<"tuple">>) -> {shutdown, tuple};
reason(Reason) -> binary_to_atom(Reason).

text(Term) -> unicode:characters_to_binary(io_lib:format("~w", [plain(Term)])).

plain(Pid) when is_pid(Pid) -> name_of(Pid);
plain(Ref) when is_reference(Ref) -> ref;
plain([alias | Ref]) when is_reference(Ref) -> ref;
plain(#{label := Label}) -> atom(Label);
plain(Text) when is_binary(Text) -> atom(Text);
plain({N, Waiting, End}) when is_integer(N), is_binary(End) -> {state, N, length(Waiting)};
plain({Reason, [{M, F, _, Where} | _]}) when is_atom(M), is_atom(F), is_list(Where) -> {plain(Reason), stack};
plain(Node) when Node =:= node() -> node;
plain(Fun) when is_function(Fun) -> 'fun';
%% JavaScript's callbacks have no module.
plain(Module) when Module =:= server; Module =:= machine -> undefined;
plain(Tuple) when is_tuple(Tuple) -> list_to_tuple([plain(E) || E <- tuple_to_list(Tuple)]);
plain([H | T]) -> [plain(H) | plain(T)];
plain(Term) -> Term.
