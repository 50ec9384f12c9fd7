/**
 * Resolves when the process is asked to stop: by Ctrl-C, by SIGTERM, or by the end of a parent that holds an IPC channel to it.
 *
 * Ctrl-C reaches the whole process group. In a child it is ignored, as the parent decides what it means; elsewhere a second one ends
 * the process at once.
 *
 * @example
 * const stopped = waitForStopSignal();
 * const server = await startServer(options);
 * await stopped;
 * await server.close();
 */
export function waitForStopSignal(): Promise<void> {
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
