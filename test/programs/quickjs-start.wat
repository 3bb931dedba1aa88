;; `qjs arguments` for the interpreter as a reactor: hands it the arguments of the process. Linked to it by wasm-merge.
(module
  (import "quickjs" "memory" (memory 1))
  (import "quickjs" "malloc" (func $malloc (param i32) (result i32)))
  (import "quickjs" "qjs_init_argv" (func $init (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))

  (func (export "_start")
    (local $sizes i32) (local $argv i32)
    (local.set $sizes (call $malloc (i32.const 8)))
    (drop (call $args_sizes (local.get $sizes) (i32.add (local.get $sizes) (i32.const 4))))
    (local.set $argv (call $malloc (i32.mul (i32.add (i32.load (local.get $sizes)) (i32.const 1)) (i32.const 4))))
    (drop (call $args (local.get $argv) (call $malloc (i32.load offset=4 (local.get $sizes)))))
    (if (call $init (i32.load (local.get $sizes)) (local.get $argv)) (then (call $exit (i32.const 1))))))
