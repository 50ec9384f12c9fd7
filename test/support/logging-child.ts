/** A child that has something to say when its parent is gone, and ends. */
import { openParentLog } from '../../process/parent-log.ts';

const log = openParentLog('info', 'child');
process.once('disconnect', () => {
  // The first is on its way when the process ends, the others wait for it.
  for (let line = 0; line < 3; line++) log.info({}, 'nobody reads this');
  process.exit();
});
process.send?.('ready');
