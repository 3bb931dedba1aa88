// Colour for terminals, only where it is asked for.

const CODES = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33", blue: "34", cyan: "36" } as const;
export type Tint = keyof typeof CODES;

/** Colours a text, or gives it back as it is. */
export type Paint = (tint: Tint, text: string) => string;

export interface RenderOptions {
  /** Colour by ANSI escape sequences. */
  readonly color: boolean;
}

export function painter({ color }: RenderOptions): Paint {
  return color
    ? (tint, text) => (text === "" ? "" : `\x1b[${CODES[tint]}m${text}\x1b[0m`)
    : (_, text) => text;
}
