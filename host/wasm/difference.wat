;; Takes the difference between a guest's memory and the image that it began with out of the memory, and puts one in. Runs in an instance
;; that shares the guest's memory; what it needs besides lies before the guest's address 0. All addresses are the memory's own, and one at the
;; end of a memory of 4 GiB is 0.
;;
;; A difference is told line by line of 64 bytes: a word with the number of the line above and a bit for each of its words that differs below,
;; first word lowest; and those words. A word without bits gives the upper half of the numbers that follow; to begin with it is 0.
(module
  (import "guest" "memory" (memory 1))
  ;; Where the guest's address 0 is.
  (import "guest" "base" (global $base i32))
  ;; The upper half of the number of the last line, in place.
  (global $upper (mut i32) (i32.const 0))
  ;; What $take_blocks has come to.
  (global $reached (mut i32) (i32.const 0))

  ;; The first block of 128 bytes that is not all zeros; `end` if there is none.
  (func $skip_zeros (param $at i32) (param $end i32) (result i32)
    (loop $more
      (if (i32.ne (local.get $at) (local.get $end))
        (then
          (if (i32.eqz (v128.any_true
                (v128.or
                  (v128.or
                    (v128.or (v128.load (local.get $at)) (v128.load offset=16 (local.get $at)))
                    (v128.or (v128.load offset=32 (local.get $at)) (v128.load offset=48 (local.get $at))))
                  (v128.or
                    (v128.or (v128.load offset=64 (local.get $at)) (v128.load offset=80 (local.get $at)))
                    (v128.or (v128.load offset=96 (local.get $at)) (v128.load offset=112 (local.get $at)))))))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 128)))
              (br $more))))))
    (local.get $at))

  ;; The first block of 128 bytes that differs from what lies `distance` before it.
  (func $skip_same (param $at i32) (param $end i32) (param $distance i32) (result i32)
    (local $then i32)
    (local.set $then (i32.sub (local.get $at) (local.get $distance)))
    (loop $more
      (if (i32.ne (local.get $at) (local.get $end))
        (then
          (if (i32.eqz (v128.any_true
                (v128.or
                  (v128.or
                    (v128.or
                      (v128.xor (v128.load (local.get $at)) (v128.load (local.get $then)))
                      (v128.xor (v128.load offset=16 (local.get $at)) (v128.load offset=16 (local.get $then))))
                    (v128.or
                      (v128.xor (v128.load offset=32 (local.get $at)) (v128.load offset=32 (local.get $then)))
                      (v128.xor (v128.load offset=48 (local.get $at)) (v128.load offset=48 (local.get $then)))))
                  (v128.or
                    (v128.or
                      (v128.xor (v128.load offset=64 (local.get $at)) (v128.load offset=64 (local.get $then)))
                      (v128.xor (v128.load offset=80 (local.get $at)) (v128.load offset=80 (local.get $then))))
                    (v128.or
                      (v128.xor (v128.load offset=96 (local.get $at)) (v128.load offset=96 (local.get $then)))
                      (v128.xor (v128.load offset=112 (local.get $at)) (v128.load offset=112 (local.get $then))))))))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 128)))
              (local.set $then (i32.add (local.get $then) (i32.const 128)))
              (br $more))))))
    (local.get $at))

  ;; The first block that differs from what lies `distance` before it, or from zeros where that is 0.
  (func $skip (param $at i32) (param $end i32) (param $distance i32) (result i32)
    (if (result i32) (local.get $distance)
      (then (call $skip_same (local.get $at) (local.get $end) (local.get $distance)))
      (else (call $skip_zeros (local.get $at) (local.get $end)))))

  ;; Takes the difference out of a line. Gives the end of what is written to `out`. Without branches, as nobody can foresee which words differ:
  ;; each is written, and counts if it does.
  (func $take_line (param $at i32) (param $distance i32) (param $out i32) (result i32)
    (local $line i32)
    (local $to i32)
    (local $bits i32)
    (local $mask i32)
    (local $value v128)
    (local $old v128)
    (local.set $line (i32.shr_u (i32.sub (local.get $at) (global.get $base)) (i32.const 6)))
    (if (i32.ne (i32.and (local.get $line) (i32.const 0xffff0000)) (global.get $upper))
      (then
        (global.set $upper (i32.and (local.get $line) (i32.const 0xffff0000)))
        (i32.store (local.get $out) (global.get $upper))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))))
    (local.set $to (i32.add (local.get $out) (i32.const 4)))
    (local.set $value (v128.load (local.get $at)))
    (local.set $old
      (if (result v128) (local.get $distance)
        (then (v128.load (i32.sub (local.get $at) (local.get $distance))))
        (else (v128.const i32x4 0 0 0 0))))
    (v128.store (local.get $at) (local.get $old))
    (local.set $bits (i32x4.bitmask (i32x4.ne (local.get $value) (local.get $old))))
    (local.set $mask (i32.or (local.get $mask) (local.get $bits)))
    (i32.store (local.get $to) (i32x4.extract_lane 0 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 2)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 1 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 1)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 2 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 0)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 3 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shr_u (local.get $bits) (i32.const 1)) (i32.const 4))))
    (local.set $value (v128.load offset=16 (local.get $at)))
    (local.set $old
      (if (result v128) (local.get $distance)
        (then (v128.load offset=16 (i32.sub (local.get $at) (local.get $distance))))
        (else (v128.const i32x4 0 0 0 0))))
    (v128.store offset=16 (local.get $at) (local.get $old))
    (local.set $bits (i32x4.bitmask (i32x4.ne (local.get $value) (local.get $old))))
    (local.set $mask (i32.or (local.get $mask) (i32.shl (local.get $bits) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 0 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 2)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 1 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 1)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 2 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 0)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 3 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shr_u (local.get $bits) (i32.const 1)) (i32.const 4))))
    (local.set $value (v128.load offset=32 (local.get $at)))
    (local.set $old
      (if (result v128) (local.get $distance)
        (then (v128.load offset=32 (i32.sub (local.get $at) (local.get $distance))))
        (else (v128.const i32x4 0 0 0 0))))
    (v128.store offset=32 (local.get $at) (local.get $old))
    (local.set $bits (i32x4.bitmask (i32x4.ne (local.get $value) (local.get $old))))
    (local.set $mask (i32.or (local.get $mask) (i32.shl (local.get $bits) (i32.const 8))))
    (i32.store (local.get $to) (i32x4.extract_lane 0 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 2)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 1 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 1)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 2 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 0)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 3 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shr_u (local.get $bits) (i32.const 1)) (i32.const 4))))
    (local.set $value (v128.load offset=48 (local.get $at)))
    (local.set $old
      (if (result v128) (local.get $distance)
        (then (v128.load offset=48 (i32.sub (local.get $at) (local.get $distance))))
        (else (v128.const i32x4 0 0 0 0))))
    (v128.store offset=48 (local.get $at) (local.get $old))
    (local.set $bits (i32x4.bitmask (i32x4.ne (local.get $value) (local.get $old))))
    (local.set $mask (i32.or (local.get $mask) (i32.shl (local.get $bits) (i32.const 12))))
    (i32.store (local.get $to) (i32x4.extract_lane 0 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 2)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 1 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 1)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 2 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shl (local.get $bits) (i32.const 0)) (i32.const 4))))
    (i32.store (local.get $to) (i32x4.extract_lane 3 (local.get $value)))
    (local.set $to (i32.add (local.get $to) (i32.and (i32.shr_u (local.get $bits) (i32.const 1)) (i32.const 4))))
    (i32.store (local.get $out) (i32.or (i32.shl (local.get $line) (i32.const 16)) (local.get $mask)))
    (select (local.get $to) (local.get $out) (local.get $mask)))

  ;; Takes the difference out of blocks of 128 bytes, which were zeros where `distance` is 0, until there is no room for another before 0x18000.
  ;; Gives the end of what is written, and leaves in $reached where it has come to.
  (func $take_blocks (param $at i32) (param $end i32) (param $distance i32) (param $out i32) (result i32)
    (block $done
      (loop $blocks
        (local.set $at (call $skip (local.get $at) (local.get $end) (local.get $distance)))
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (br_if $done (i32.gt_u (local.get $out) (i32.const 0x17f00)))
        (local.set $out (call $take_line (local.get $at) (local.get $distance) (local.get $out)))
        (local.set $out (call $take_line (i32.add (local.get $at) (i32.const 64)) (local.get $distance) (local.get $out)))
        (local.set $at (i32.add (local.get $at) (i32.const 128)))
        (br $blocks)))
    (global.set $reached (local.get $at))
    (local.get $out))

  ;; Takes the difference out of the guest's memory between `at` and `to`, which was zeros but for the parts in a table. Three words tell of a
  ;; part: where it begins after $base, where it lies as it was, and its length. In words at 0 are afterwards where this has come to, the
  ;; end of what is written to `out`, and the upper half of the last line's number, which has to be there also before.
  (func (export "takeParts") (param $table i32) (param $table_end i32) (param $at i32) (param $to i32) (param $out i32)
    (local $start i32)
    (local $end i32)
    (global.set $upper (i32.load (i32.const 8)))
    (block $full
      (loop $parts
        (if (i32.ne (local.get $table) (local.get $table_end))
          (then
            (local.set $start (i32.add (global.get $base) (i32.load (local.get $table))))
            (local.set $end (i32.add (local.get $start) (i32.load offset=8 (local.get $table))))
            (if (i32.lt_u (local.get $at) (local.get $start))
              (then
                (local.set $out (call $take_blocks (local.get $at) (local.get $start) (i32.const 0) (local.get $out)))
                (local.set $at (global.get $reached))
                (br_if $full (i32.ne (local.get $at) (local.get $start)))))
            ;; What is no part of it was done the last time.
            (if (i32.lt_u (i32.sub (local.get $at) (local.get $start)) (i32.load offset=8 (local.get $table)))
              (then
                (local.set $out
                  (call $take_blocks
                    (local.get $at)
                    (local.get $end)
                    (i32.sub (local.get $start) (i32.load offset=4 (local.get $table)))
                    (local.get $out)))
                (local.set $at (global.get $reached))
                (br_if $full (i32.ne (local.get $at) (local.get $end)))))
            (local.set $table (i32.add (local.get $table) (i32.const 12)))
            (br $parts))))
      (local.set $out (call $take_blocks (local.get $at) (local.get $to) (i32.const 0) (local.get $out)))
      (local.set $at (global.get $reached)))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $out))
    (i32.store (i32.const 8) (global.get $upper)))

  ;; Puts a difference between `at` and `end` into lines from `base` on, which are as they were. `upper` is the upper half of their numbers, in
  ;; place, until the difference says another.
  (func (export "put") (param $at i32) (param $end i32) (param $base i32) (param $upper i32)
    (local $mask i32)
    (local $line i32)
    (loop $lines
      (if (i32.ne (local.get $at) (local.get $end))
        (then
          (local.set $line (i32.load (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (local.set $mask (i32.and (local.get $line) (i32.const 0xffff)))
          (if (local.get $mask)
            (then
              (local.set $line
                (i32.add (local.get $base)
                  (i32.shl (i32.or (local.get $upper) (i32.shr_u (local.get $line) (i32.const 16))) (i32.const 6))))
              (loop $words
                (i32.store
                  (i32.add (local.get $line) (i32.shl (i32.ctz (local.get $mask)) (i32.const 2)))
                  (i32.load (local.get $at)))
                (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (br_if $words
                  (local.tee $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1)))))))
            (else (local.set $upper (local.get $line))))
          (br $lines))))))
