// A whole run as a short text that can be pasted: its seed and its deviations, compressed.
import { MoonletError } from "../otp/error.ts";
import { type Deviation, formatDeviation, parseDeviation } from "./deviation.ts";

/** What a token says. */
export interface Replay {
  readonly seed: string;
  readonly deviations: readonly Deviation[];
}

const VERSION = "1";

/** `1` and the base64url of the deflated lines: the seed, then one deviation each. */
export async function encodeReplay(replay: Replay): Promise<string> {
  const text = [replay.seed, ...replay.deviations.map(formatDeviation)].join("\n");
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return VERSION + base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @throws MoonletError E_REPLAY_TOKEN for what is no token. */
export async function decodeReplay(token: string): Promise<Replay> {
  try {
    if (!token.startsWith(VERSION)) throw new Error(`it does not begin with ${VERSION}`);
    const base64 = token.slice(VERSION.length).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const [seed = "", ...lines] = new TextDecoder()
      .decode(await through(bytes, new DecompressionStream("deflate-raw")))
      .split("\n");
    return { seed, deviations: lines.map(parseDeviation) };
  } catch (cause) {
    throw new MoonletError("E_REPLAY_TOKEN", `this is no replay token: ${(cause as Error).message}`, {
      cause,
      hint: "Copy it whole from the failure's report.",
    });
  }
}

async function through(bytes: Uint8Array, stream: GenericTransformStream): Promise<Uint8Array> {
  const out = new Blob([bytes as BlobPart])
    .stream()
    .pipeThrough(stream as ReadableWritablePair<Uint8Array, BufferSource>);
  return new Uint8Array(await new Response(out).arrayBuffer());
}
