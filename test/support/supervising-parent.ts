/** Supervises a child that hangs and tells its process id, for a test to kill this parent. */
import './end-with-parent.ts';
import { ChildSupervisor } from '../../process/child-supervisor.ts';
import { minimalEnvironment } from '../../process/minimal-environment.ts';
import { systemClock } from '../../time/clock.ts';

const supervisor = new ChildSupervisor({
  program: {
    module: new URL('./hanging-child.ts', import.meta.url),
    args: () => process.argv.slice(2),
    environment: minimalEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'pipe'],
  },
  restart: { firstDelayMs: 500, maxDelayMs: 10_000 },
  clock: systemClock,
  onStart: () => {},
  onMessage: () => process.send?.(supervisor.pid),
  onRestartScheduled: () => {},
});
