%% selective_receive with 1000 messages waiting.
-module(selective_receive_1000).
-export([measure/1]).

measure(Count) -> selective_receive:measure(Count, 1000).
