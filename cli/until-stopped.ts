/**
 * Settles when the process is told to stop: by Ctrl-C, by a polite kill, or by the end of a parent that holds a channel to
 * it. Ctrl-C reaches the whole group, so that for a child its parent decides what it means; for the others a second one
 * ends it the hard way.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => resolve();
    process.once('SIGTERM', stop);
    if (process.connected) {
      process.on('SIGINT', () => {});
      process.once('disconnect', stop);
    } else {
      process.once('SIGINT', stop);
    }
  });
}
