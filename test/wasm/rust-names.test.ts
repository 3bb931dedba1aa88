import { expect, it } from "vitest";
import { readableName } from "../../host/wasm/rust-names.ts";

it("shows paths of Rust as the source has them", () => {
  const names = {
    _ZN7moonlet5entry5abort17hd706aef37a7f0677E: "moonlet::entry::abort",
    "_ZN7moonlet5entry9run_entry28_$u7b$$u7b$closure$u7d$$u7d$17h2ecb4d046bca5e24E.llvm.9717270679910533106":
      "moonlet::entry::run_entry::{{closure}}",
    "_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE":
      "<alloc::string::String as core::fmt::Display>::fmt",
  };
  for (const [symbol, name] of Object.entries(names)) expect(readableName(symbol)).toBe(name);
});

it("leaves other names as they are", () => {
  for (const name of [
    "deep",
    "_ZN3foo3barEv",
    "_ZN9999999foo17h0123456789abcdefE",
    "_ZN4ab17h0123456789abcdefE",
    "_ZN17h0123456789abcdefX",
  ])
    expect(readableName(name)).toBe(name);
});
