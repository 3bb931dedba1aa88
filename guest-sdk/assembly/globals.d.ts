// For editors: `@message` needs no import. The compiler does not read this file.

/** Makes a class a message: a tuple of its tag and its fields. The tag is the class's name in snake case. */
declare function message(target: Function): void;
/** The same with a tag of its own. */
declare function message(tag: string): (target: Function) => void;
