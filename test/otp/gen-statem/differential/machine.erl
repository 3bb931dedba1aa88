%% The gen_statem of the scenarios: each state does what its event says. Its data are {Count, Waiting, End}, where Count is that of the
%% callbacks that ran, Waiting are the calls that were not answered, and End is what terminate does. machine_too is the same with
%% the other callback mode, and tells in the log that it is.
-module(machine).
-behaviour(gen_statem).
-export([init/1, callback_mode/0, handle_event/4, a/3, b/3, c/3, terminate/3, code_change/4, format_status/1]).
-export([mode/1, event/5, ended/4]).

init(#{slot := Slot, init := #{trap := Trap, does := Does, 'end' := End} = Init}) ->
    player:born(Slot),
    put(slot, Slot),
    put(init, Init),
    process_flag(trap_exit, Trap),
    init(Does, {0, [], End}).

init([<<"wait">>, Does], Data) -> receive go -> init(Does, Data) end;
init([<<"ok">>, State, Acts], Data0) ->
    {Actions, Data} = actions(Acts, none, Data0),
    {ok, player:atom(State), Data, Actions};
init([<<"stop">>, Reason], _) -> {stop, player:reason(Reason)};
init([<<"exit">>, Reason], _) -> exit(player:reason(Reason));
init([<<"throw">>, Reason], _) -> throw({stop, player:reason(Reason)});
init([<<"ignore">>], _) -> ignore;
init([<<"bad">>], _) -> bad;
init([<<"error">>], _) -> error(oops);
init([<<"kill">>], _) -> exit(self(), kill).

callback_mode() -> mode(false).

mode(IsOther) ->
    #{mode := Mode, enter := Enter} = get(init),
    [case (Mode =:= <<"state_functions">>) =/= IsOther of true -> state_functions; false -> handle_event_function end
        | [state_enter || Enter]].

a(Type, Content, Data) -> event("", Type, Content, a, Data).
b(Type, Content, Data) -> event("", Type, Content, b, Data).
c(Type, Content, Data) -> event("", Type, Content, c, Data).
handle_event(Type, Content, State, Data) -> event("", Type, Content, State, Data).

event(Mark, enter, Old, State, Data) ->
    note([Mark, atom_to_binary(State), " enter ", atom_to_binary(Old)]),
    #{enters := Deeds} = get(init),
    case player:count() of
        true -> do(lists:nth(index(State), Deeds), none, Data);
        false -> keep_state_and_data
    end;
event(Mark, Type, #{label := Label, does := Deeds}, State, {N0, Waiting, End}) ->
    N = N0 + 1,
    note([Mark, atom_to_binary(State), $\s, type(Type), $\s, Label, $\s, integer_to_binary(N)]),
    From = case Type of {call, F} -> F; _ -> none end,
    case player:count() of
        true -> do(lists:nth(index(State), Deeds), From, {N, Waiting, End});
        false -> keep_state_and_data
    end;
event(Mark, Type, Content, State, _) ->
    note([Mark, atom_to_binary(State), $\s, type(Type), $\s, player:text(Content)]),
    keep_state_and_data.

terminate(Reason, State, Data) -> ended("", Reason, State, Data).

ended(Mark, Reason, State, {N, _, End}) ->
    %% That of the machine's own error comes without its stack, that of others with theirs.
    Bare = case Reason of {oops, [_ | _]} -> oops; _ -> Reason end,
    note([Mark, "terminate ", player:text(Bare), $\s, player:text(State), $\s, integer_to_binary(N)]),
    case End of
        <<"ok">> -> ok;
        <<"exit">> -> exit(worse);
        <<"error">> -> error(oops);
        <<"throw">> -> throw(thrown)
    end.

code_change(_, _, _, error) -> error(oops);
code_change(_, State, {N, Waiting, End}, Extra) -> {ok, State, {N + Extra, Waiting, End}}.

format_status(Status = #{data := Data}) -> Status#{data := {formatted, Data}};
format_status(Status) -> Status.

note(Text) -> player:note(get(slot), Text).

index(a) -> 1;
index(b) -> 2;
index(c) -> 3.

type({call, _}) -> <<"call">>;
type({timeout, Name}) -> atom_to_binary(Name);
type(timeout) -> <<"event">>;
type(state_timeout) -> <<"state">>;
type(Type) -> atom_to_binary(Type).

do([<<"next">>, State, Acts], From, Data0) ->
    {Actions, Data} = actions(Acts, From, Data0),
    {next_state, player:atom(State), Data, Actions};
do([<<"keep">>, Acts], From, Data0) -> {Actions, Data} = actions(Acts, From, Data0), {keep_state, Data, Actions};
do([<<"repeat">>, Acts], From, Data0) -> {Actions, Data} = actions(Acts, From, Data0), {repeat_state, Data, Actions};
do([<<"keep_and_data">>, Acts], From, _) -> {keep_state_and_data, [A || Act <- Acts, A <- action(Act, From, [])]};
do([<<"repeat_and_data">>, Acts], From, _) -> {repeat_state_and_data, [A || Act <- Acts, A <- action(Act, From, [])]};
do([<<"stop">>, Reason], _, Data) -> {stop, player:reason(Reason), Data};
do([<<"stop_bare">>, <<"normal">>], _, _) -> stop;
do([<<"stop_bare">>, Reason], _, _) -> {stop, player:reason(Reason)};
do([<<"stop_and_reply">>, Reason], From, {N, Waiting, End}) ->
    {stop_and_reply, player:reason(Reason), replies(From, Waiting), {N, [], End}};
do([<<"bad_reply">>], _, _) -> {stop_and_reply, boom, [bad]};
do([<<"bad">>], _, _) -> bad;
do([<<"error">>], _, _) -> error(oops);
do([<<"exit">>, Reason], _, _) -> exit(player:reason(Reason));
do([<<"throw">>, Deed], From, Data) -> throw(do(Deed, From, Data)).

%% A call that is not answered here and not postponed waits.
actions(Acts, From, {N, Waiting0, End}) ->
    Answered = lists:member([<<"reply">>], Acts),
    Postponed = lists:member([<<"postpone">>, true], Acts),
    Waiting = if Answered -> []; From =:= none; Postponed -> Waiting0; true -> Waiting0 ++ [From] end,
    {[A || Act <- Acts, A <- action(Act, From, Waiting0)], {N, Waiting, End}}.

replies(none, Waiting) -> [{reply, To, done} || To <- Waiting];
replies(From, Waiting) -> replies(none, Waiting -- [From]) ++ [{reply, From, done}].

action([<<"reply">>], From, Waiting) -> replies(From, Waiting);
action([<<"postpone">>, true], _, _) -> [postpone];
action([<<"postpone">>, false], _, _) -> [{postpone, false}];
action([<<"hibernate">>], _, _) -> [hibernate];
action([<<"next_event">>, Type, Order], _, _) -> [{next_event, inserted(Type), Order}];
action([<<"timer">>, Kind, Ms, Order], _, _) -> [{kind(Kind), Ms, Order}];
action([<<"absolute">>, Kind, Ms, Order], _, _) ->
    [{kind(Kind), erlang:monotonic_time(millisecond) + Ms, Order, [{abs, true}]}];
action([<<"bare">>, Ms], _, _) -> [Ms];
action([<<"cancel">>, Kind], _, _) -> [{kind(Kind), cancel}];
action([<<"infinity">>, Kind], _, _) -> [{kind(Kind), infinity, none}];
action([<<"update">>, Kind, Order], _, _) -> [{kind(Kind), update, Order}];
action([<<"change">>], _, _) -> [{change_callback_module, other()}];
action([<<"push">>], _, _) -> [{push_callback_module, other()}];
action([<<"pop">>], _, _) -> [pop_callback_module];
action([<<"bad_time">>], _, _) -> [{state_timeout, bad, none}];
action([<<"bad_event">>], _, _) -> [{next_event, odd, none}];
action([<<"bad">>], _, _) -> [bad].

%% One after the other, in turn.
other() ->
    Next = case get(module) of machine_too -> machine; _ -> machine_too end,
    put(module, Next),
    Next.

kind(<<"event">>) -> timeout;
kind(<<"state">>) -> state_timeout;
kind(Name) -> {timeout, player:atom(Name)}.

inserted(Type) when Type =:= <<"internal">>; Type =:= <<"cast">>; Type =:= <<"info">> -> player:atom(Type);
inserted(Kind) -> kind(Kind).
