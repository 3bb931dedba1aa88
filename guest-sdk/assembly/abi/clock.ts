// The imports of namespace `clock`, as ABI.md specifies them.

@external("clock", "monotonic")
export declare function monotonic(): i64;

@external("clock", "wall")
export declare function wall(): i64;
