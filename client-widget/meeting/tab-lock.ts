/**
 * One tab of a browser speaks in a room: two would hear each other. The claim lasts until it is given back or the tab closes.
 * Without Web Locks (an insecure address, where there is no microphone either) everyone may have it.
 */
const lockName = (room: string) => `booth ${room}`;

/** @returns what gives the claim back, or undefined where another tab holds it */
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

/** Whether another tab speaks in this room already. */
export async function isClaimed(room: string, locks: LockManager | undefined): Promise<boolean> {
  const held = (await locks?.query())?.held ?? [];
  return held.some(({ name }) => name === lockName(room));
}
