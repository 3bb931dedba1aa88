// What the module answers its driver. Apart from the pass, so that running a module loads nothing of it.

/** Added to what `left` and `resume` answer when the guest has stopped instead of returned. */
export const STOPPED = -(2 ** 30);
/** What `resume` answers when the captured stack is too large. */
export const OVERFLOWN = -(2 ** 31);
