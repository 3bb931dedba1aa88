%% selective_receive with 0 messages waiting.
-module(selective_receive_0).
-export([measure/1]).

measure(Count) -> selective_receive:measure(Count, 0).
