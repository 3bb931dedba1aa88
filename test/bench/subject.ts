// What a benchmark is: one figure, measured on several sides that do the same work.

/** The figure of one round. */
export interface Figure {
  readonly value: number;
  /** What the work came to; all sides of a subject that give it must give the same. */
  readonly check?: string;
  /** Single measurements where it is their spread that counts; `value` is their median then. */
  readonly samples?: readonly number[];
}

/** Does `count` operations; the figure is for one of them. */
export type Round = (count: number) => Promise<Figure>;

export interface Side {
  /** Operations of one round at scale 1. */
  readonly count: number;
  /** Does what is not measured. `folder` takes compiled modules. Undefined: the program of the subject's name in beam/. */
  readonly prepare?: (folder: string) => Promise<Round>;
}

export interface Subject {
  /** Steady, for `--only` and in the JSON. */
  readonly name: string;
  readonly title: string;
  readonly group: "messages" | "fairness" | "start" | "kernels";
  /** Of the figure: nanoseconds or bytes per operation. */
  readonly unit: "ns" | "bytes";
  /** The side that ratios are against. */
  readonly baseline: string;
  readonly sides: Readonly<Record<string, Side>>;
  /** Each round in a program of its own, for figures that depend on what ran before. Default false: one program, a first round not counted. */
  readonly fresh?: boolean;
}
