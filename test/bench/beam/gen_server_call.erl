%% Calls to a gen_server, one after the other.
-module(gen_server_call).
-behaviour(gen_server).
-export([measure/1, init/1, handle_call/3, handle_cast/2]).

measure(Count) ->
    {ok, Server} = gen_server:start_link(?MODULE, 0, []),
    Start = erlang:monotonic_time(),
    calls(Server, Count),
    Figure = bench:per_operation(Start, Count),
    gen_server:stop(Server),
    Figure.

calls(_Server, 0) -> ok;
calls(Server, N) -> gen_server:call(Server, N), calls(Server, N - 1).

init(Total) -> {ok, Total}.
handle_call(N, _From, Total) -> {reply, N, Total + 1}.
handle_cast(_, Total) -> {noreply, Total}.
