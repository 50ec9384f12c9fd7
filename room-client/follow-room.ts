/** Joins a room at the server that has it, where several stand side by side: whichever is asked first names the other. */

/** A room moves while it is asked for at most: who is sent on more often asks again later, as after any failure. */
const MAX_HOPS = 3;

/**
 * Calls `join` with a server, and with the one that a refusal names, at most three times more.
 *
 * @param server a URL that `join` understands: the first one's own form, then `https://node-2.example.org`
 * @throws what the last call threw
 *
 * @example
 * const room = await followRoom('https://meet.example.org', (server) => joinAt(server, token));
 */
export async function followRoom<T>(server: string, join: (server: string) => Promise<T>): Promise<T> {
  for (let hops = 0; ; hops++) {
    try {
      return await join(server);
    } catch (error) {
      const next = (error as { server?: string }).server;
      if (!next || hops === MAX_HOPS) throw error;
      server = next;
    }
  }
}
