#!/usr/bin/env escript
%% The least that shows that a program runs.
main(_) -> io:put_chars("hello\n").
