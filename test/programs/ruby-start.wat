;; `ruby -e CODE arguments` for the interpreter that @ruby/wasm-wasi drives from JavaScript: starts it with the arguments, has it evaluate CODE,
;; and ends with its exit code. Linked to it by wasm-merge.
(module
  (import "ruby" "memory" (memory 1))
  (import "ruby" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
  (import "ruby" "ruby-init: func(args: list<string>) -> ()" (func $init (param i32 i32)))
  (import "ruby" "rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>"
    (func $eval (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))

  (func $allocate (param $size i32) (result i32)
    (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (local.get $size)))

  ;; A copy of a text, its zero byte included, at the next place of the list.
  (func $add (param $list i32) (param $text i32) (result i32)
    (local $size i32) (local $copy i32)
    (loop $next
      (local.set $size (i32.add (local.get $size) (i32.const 1)))
      (br_if $next (i32.load8_u (i32.add (local.get $text) (i32.sub (local.get $size) (i32.const 1))))))
    (local.set $copy (call $allocate (local.get $size)))
    (memory.copy (local.get $copy) (local.get $text) (local.get $size))
    (i32.store (local.get $list) (local.get $copy))
    (i32.store offset=4 (local.get $list) (local.get $size))
    (i32.add (local.get $list) (i32.const 8)))

  ;; Texts of this module lie in a segment of its own, as the addresses are the interpreter's.
  (data $texts "-EUTF-8\00-e_=0\00--\00--disable=gems\00")
  (data $run "RUN_TEXT")

  (func (export "_start")
    (local $sizes i32) (local $argc i32) (local $argv i32) (local $list i32) (local $end i32) (local $texts i32) (local $n i32)
    (local.set $sizes (call $allocate (i32.const 8)))
    (drop (call $args_sizes (local.get $sizes) (i32.add (local.get $sizes) (i32.const 4))))
    (local.set $argc (i32.load (local.get $sizes)))
    (if (i32.lt_u (local.get $argc) (i32.const 3)) (then (call $exit (i32.const 2))))
    (local.set $argv (call $allocate (i32.mul (local.get $argc) (i32.const 4))))
    (drop (call $args (local.get $argv) (call $allocate (i32.load offset=4 (local.get $sizes)))))
    (local.set $texts (call $allocate (i32.const 32)))
    (memory.init $texts (local.get $texts) (i32.const 0) (i32.const 32))
    ;; The program's name, four options, and what follows -e.
    (local.set $list (call $allocate (i32.mul (i32.add (local.get $argc) (i32.const 3)) (i32.const 8))))
    (local.set $end (call $add (local.get $list) (i32.load (local.get $argv))))
    (local.set $end (call $add (local.get $end) (local.get $texts)))
    (local.set $end (call $add (local.get $end) (i32.add (local.get $texts) (i32.const 17))))
    (local.set $end (call $add (local.get $end) (i32.add (local.get $texts) (i32.const 8))))
    (local.set $end (call $add (local.get $end) (i32.add (local.get $texts) (i32.const 14))))
    (local.set $n (i32.const 2))
    (loop $next
      (local.set $end
        (call $add (local.get $end) (i32.load (i32.add (local.get $argv) (i32.mul (local.get $n) (i32.const 4))))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (local.get $argc))))
    (call $init (local.get $list) (i32.shr_u (i32.sub (local.get $end) (local.get $list)) (i32.const 3)))
    (local.set $texts (call $allocate (i32.const RUN_SIZE)))
    (memory.init $run (local.get $texts) (i32.const 0) (i32.const RUN_SIZE))
    (drop (call $eval (local.get $texts) (i32.const RUN_SIZE)))
    (unreachable)))
