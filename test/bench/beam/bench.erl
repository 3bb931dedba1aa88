%% Answers each line on standard input, a count, with the figure of one round: the time of one operation in nanoseconds, or bytes;
%% or with `samples` and single measurements.
%% The module of that name is the program; each round runs in a fresh process.
-module(bench).
-export([main/0, per_operation/2]).

main() ->
    [Name] = init:get_plain_arguments(),
    loop(list_to_atom(Name)).

loop(Subject) ->
    case io:get_line("") of
        eof ->
            halt(0);
        Line ->
            Count = list_to_integer(string:trim(Line)),
            {_, Ref} = spawn_monitor(fun() -> exit({result, Subject:measure(Count)}) end),
            receive
                {'DOWN', Ref, process, _, {result, Samples}} when is_list(Samples) ->
                    io:format("samples~s~n", [[io_lib:format(" ~w", [Sample]) || Sample <- Samples]]);
                {'DOWN', Ref, process, _, {result, Figure}} -> io:format("~w~n", [Figure]);
                {'DOWN', Ref, process, _, Reason} -> io:format("error ~0p~n", [Reason])
            end,
            loop(Subject)
    end.

%% Nanoseconds per operation since Start.
per_operation(Start, Count) ->
    (erlang:monotonic_time() - Start) * 1.0e9 / erlang:convert_time_unit(1, second, native) / Count.
