// Connections that belong to nobody any more and still have something to send. They have some time for it, and there are not many of them: a guest that
// leaves one after the other to peers that do not read leaves nothing that grows.
import type { Socket } from "node:net";

const LINGER_MS = 10_000;
/** One more, and the one that has had the longest time is cut off. */
const MOST = 512;

const clocks = new Map<Socket, ReturnType<typeof setTimeout>>();

/** Gives it so much time and no more. Twice is once. */
export function linger(socket: Socket): void {
  if (socket.destroyed || clocks.has(socket)) return;
  clocks.set(
    socket,
    setTimeout(() => socket.destroy(), LINGER_MS),
  );
  socket.on("close", () => {
    clearTimeout(clocks.get(socket));
    clocks.delete(socket);
  });
  if (clocks.size <= MOST) return;
  const [oldest] = clocks.keys();
  oldest!.destroy();
}
