/**
 * Lets only one tab of a browser speak in a room, because two would hear each other. The lock lasts until it is released or the tab
 * closes. Without Web Locks (at an insecure address, where there is no microphone either) every tab gets it.
 */
const lockName = (room: string) => `booth ${room}`;

/** @returns the function that releases the lock; undefined where another tab holds it */
export function claimRoom(room: string, locks: LockManager | undefined): Promise<(() => void) | undefined> {
  if (!locks) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    locks
      .request(lockName(room), { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(undefined);
          return;
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Whether another tab holds the lock of this room. */
export async function isClaimed(room: string, locks: LockManager | undefined): Promise<boolean> {
  const held = (await locks?.query())?.held ?? [];
  return held.some(({ name }) => name === lockName(room));
}
