;; Gives a child less than it has, which then asks for more: a name, a timer too many, memory, a variable for a child of its own.
(module
  (import "process" "spawn" (func $spawn (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "process" "self" (func $self (param i32 i32) (result i32)))
  (import "registry" "register" (func $register (param i32 i32 i32 i32) (result i32)))
  (import "timer" "send_after" (func $send_after (param f64 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\83\6d\00\00\00\05child")
  ;; #{grants => [spawn], limits => #{timers => 1, memory_bytes => 131072}}
  (data (i32.const 32) "\83\74\00\00\00\02\77\06grants\6c\00\00\00\01\77\05spawn\6a\77\06limits\74\00\00\00\02\77\06timers\61\01\77\0cmemory_bytes\62\00\02\00\00")
  (data (i32.const 160) "\83\77\04till")
  ;; #{env => [<<"HOME">>]}
  (data (i32.const 192) "\83\74\00\00\00\01\77\03env\6c\00\00\00\01\6d\00\00\00\04HOME\6a")
  (func $wait (param $ms i32)
    (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (local.get $ms))))
  (func $timer
    (drop (call $send_after (f64.const 60000) (i32.const 512) (call $self (i32.const 512) (i32.const 64))
      (i32.const 160) (i32.const 7) (i32.const 640) (i32.const 256))))
  (func $main (export "main")
    (drop (call $spawn (i32.const 0) (i32.const 11) (i32.const 0) (i32.const 0) (i32.const 32) (i32.const 69) (i32.const 640) (i32.const 256)))
    (call $wait (i32.const 50)))
  (func $child (export "child")
    (drop (call $register (i32.const 160) (i32.const 7) (i32.const 512) (call $self (i32.const 512) (i32.const 64))))
    (call $timer)
    (call $timer)
    (drop (memory.grow (i32.const 7)))
    (drop (call $spawn (i32.const 0) (i32.const 11) (i32.const 0) (i32.const 0) (i32.const 192) (i32.const 26) (i32.const 640) (i32.const 256)))))
