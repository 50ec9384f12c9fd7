/** A parent that launches an interpreter and tells its process id, for a test to kill. */
import type { Assignment } from '../../bot/process/assignment.ts';
import { launchInterpreter } from '../../bot/process/interpreter-supervisor.ts';
import { systemClock } from '../../time/clock.ts';

process.once('message', (assignment: Assignment) => {
  const { pid } = launchInterpreter({ assignment, clock: systemClock, onState: () => {}, onLog: () => {} });
  process.send?.(pid);
});
