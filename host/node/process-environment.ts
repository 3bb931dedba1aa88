// What this process's environment tells.

/** Its variables by name. */
export const processVariables: Readonly<Record<string, string | undefined>> = process.env;
