%% Many processes that have run and wait: the resident memory that one adds.
-module(idle_memory).
-export([measure/1]).

measure(Count) ->
    _ = resident(),
    Before = resident(),
    Self = self(),
    Waiting = [spawn(fun() -> waiter(Self) end) || _ <- lists:seq(1, Count)],
    [receive ready -> ok end || _ <- Waiting],
    Figure = (resident() - Before) / Count,
    [exit(Pid, kill) || Pid <- Waiting],
    Figure.

waiter(Parent) ->
    Parent ! ready,
    receive never -> ok end.

%% Bytes of resident memory; what the emulator has allocated where the system does not tell.
resident() ->
    case file:read_file("/proc/self/status") of
        {ok, Status} ->
            {match, [Kilobytes]} = re:run(Status, "VmRSS:\\s+(\\d+) kB", [{capture, all_but_first, list}]),
            list_to_integer(Kilobytes) * 1024;
        {error, _} ->
            erlang:memory(total)
    end.
