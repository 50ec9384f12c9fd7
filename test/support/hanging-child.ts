/** A supervised child whose main thread hangs in one of several ways, and so does not notice that its parent is gone. */
import { pino } from 'pino';
import { endWithParent } from '../../process/parent-watchdog.mjs';

const hang: Record<string, () => void> = {
  'in an endless loop': () => {
    for (;;);
  },
  'in a wait for what never comes': () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  'in a log that nobody reads': () => {
    process.once('disconnect', () => {
      const log = pino(pino.destination(2));
      for (let line = 0; line < 3; line++) log.info('nobody reads this');
      process.exit();
    });
  },
  'in a timer that keeps it running': () => {
    setInterval(() => {}, 1000);
  },
};

endWithParent();
// Programs handle SIGTERM, which a main thread that hangs never gets to.
process.on('SIGTERM', () => {});
process.send?.('ready', () => hang[process.argv[2] ?? '']?.());
