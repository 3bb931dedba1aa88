%% The gen_server of the scenarios: each callback does what its order says. Its state is {Count, Waiting, End}, where Count is that of
%% the callbacks that ran, Waiting are the calls that were not answered, and End is what terminate does.
-module(server).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2, code_change/3, format_status/1]).

init(#{slot := Slot, init := #{trap := Trap, does := Does, 'end' := End}}) ->
    player:born(Slot),
    put(slot, Slot),
    process_flag(trap_exit, Trap),
    init(Does, {0, [], End}).

init([<<"wait">>, Does], State) -> receive go -> init(Does, State) end;
init([<<"ok">>, -1], State) -> {ok, State};
init([<<"ok">>, Then], State) -> {ok, State, then(Then)};
init([<<"stop">>, Reason], _) -> {stop, player:reason(Reason)};
init([<<"exit">>, Reason], _) -> exit(player:reason(Reason));
init([<<"throw">>, Reason], _) -> throw({stop, player:reason(Reason)});
init([<<"ignore">>], _) -> ignore;
init([<<"bad">>], _) -> bad;
init([<<"error">>], _) -> error(oops);
init([<<"kill">>], _) -> exit(self(), kill).

handle_call(Order, From, State) -> handle(call, Order, From, State).
handle_cast(Order, State) -> handle(cast, Order, none, State).
handle_continue(Order, State) -> handle(continue, Order, none, State).
handle_info(#{} = Order, State) -> handle(info, Order, none, State);
handle_info(Info, {N, Waiting, End}) ->
    note(["info ", player:text(Info)]),
    {noreply, {N + 1, Waiting, End}}.

terminate(Reason, {N, _, End}) ->
    note(["terminate ", player:text(Reason), $\s, integer_to_binary(N)]),
    case End of
        <<"ok">> -> ok;
        <<"exit">> -> exit(worse);
        <<"error">> -> error(oops);
        <<"throw">> -> throw(thrown)
    end.

code_change(_, _, error) -> error(oops);
code_change(_, {N, Waiting, End}, Extra) -> {ok, {N + Extra, Waiting, End}}.

format_status(Status = #{state := State}) -> Status#{state := {formatted, State}}.

handle(Type, #{label := Label, does := Does}, From, {N0, Waiting, End}) ->
    N = N0 + 1,
    note([atom_to_binary(Type), $\s, Label, $\s, integer_to_binary(N)]),
    case player:count() of
        true -> do(Does, Label, From, {N, Waiting, End});
        false -> {noreply, {N, Waiting, End}}
    end.

note(Text) -> player:note(get(slot), Text).

do([<<"reply">>, Then], Label, none, State) -> do([<<"noreply">>, Then], Label, none, State);
do([<<"reply">>, Then], Label, _, State) -> add({reply, player:atom(Label), State}, Then);
do([<<"noreply">>, Then], _, none, State) -> add({noreply, State}, Then);
do([<<"noreply">>, Then], _, From, {N, Waiting, End}) -> add({noreply, {N, Waiting ++ [From], End}}, Then);
do([<<"answer">>, Then], Label, From, {N, Waiting, End}) ->
    [gen_server:reply(To, player:atom(Label)) || To <- Waiting],
    add({noreply, {N, [From || From =/= none], End}}, Then);
do([<<"stop">>, Reason], _, _, State) -> {stop, player:reason(Reason), State};
do([<<"stop_reply">>, Reason], _, none, State) -> {stop, player:reason(Reason), State};
do([<<"stop_reply">>, Reason], Label, _, State) -> {stop, player:reason(Reason), player:atom(Label), State};
do([<<"bad">>], _, _, _) -> bad;
do([<<"throw">>, Deed], Label, From, State) -> throw(do(Deed, Label, From, State));
do([<<"error">>], _, _, _) -> error(oops);
do([<<"exit">>, Reason], _, _, _) -> exit(player:reason(Reason));
do([<<"tell">>, Order, Deed], Label, From, State) ->
    self() ! Order,
    do(Deed, Label, From, State);
do([<<"cast">>, Order, Deed], Label, From, State) ->
    gen_server:cast(self(), Order),
    do(Deed, Label, From, State);
do([<<"call_self">>, Deed], Label, From, State) ->
    note(["call_self ", attempt(self(), Label, infinity)]),
    do(Deed, Label, From, State);
do([<<"reply_now">>, Deed], Label, From, State) ->
    From =:= none orelse gen_server:reply(From, now),
    do(Deed, Label, From, State);
do([<<"trap">>, Flag, Deed], Label, From, State) ->
    process_flag(trap_exit, Flag),
    do(Deed, Label, From, State);
do([<<"call">>, Slot, Order, Deed], Label, From, State) ->
    try player:server(Slot) of
        Pid -> note(["call ", attempt(Pid, Order, infinity)])
    catch throw:skip -> ok
    end,
    do(Deed, Label, From, State).

attempt(Pid, Request, Limit) ->
    try player:text(gen_server:call(Pid, Request, Limit)) catch exit:Reason -> ["exit ", player:text(Reason)] end.

add(Return, -1) -> Return;
add(Return, Then) -> erlang:append_element(Return, then(Then)).

then(Then) when is_integer(Then) -> Then;
then(Then) when is_binary(Then) -> player:atom(Then);
then(Then) -> {continue, Then}.
