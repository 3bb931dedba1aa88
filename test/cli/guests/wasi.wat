;; Prints its variables and what it reads, and exits with the number of its arguments.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $make (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "new")

  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $at))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func (export "_start")
    (drop (call $args (i32.const 0) (i32.const 4)))
    (drop (call $sizes (i32.const 8) (i32.const 12)))
    (drop (call $environ (i32.const 100) (i32.const 1000)))
    (call $print (i32.const 1000) (i32.load (i32.const 12)))
    (loop $more
      (i32.store (i32.const 32) (i32.const 2000))
      (i32.store (i32.const 36) (i32.const 100))
      (drop (call $read (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 40)))
      (call $print (i32.const 2000) (i32.load (i32.const 40)))
      (br_if $more (i32.load (i32.const 40))))
    (call $exit (i32.load (i32.const 0))))

  ;; Prints the name of its first directory.
  (func (export "directory")
    (if (call $prestat (i32.const 3) (i32.const 200)) (then (return)))
    (drop (call $name (i32.const 3) (i32.const 1000) (i32.load (i32.const 204))))
    (call $print (i32.const 1000) (i32.load (i32.const 204))))

  ;; Exits with what comes of making a directory.
  (func (export "make") (call $exit (call $make (i32.const 3) (i32.const 64) (i32.const 3)))))
