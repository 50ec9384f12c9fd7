/** A parent that launches an interpreter and tells its process id, for a test to kill. */
import type { InterpreterAssignment } from '../../bot/process/interpreter-ipc.ts';
import { superviseInterpreter } from '../../bot/process/interpreter-supervisor.ts';
import { systemClock } from '../../time/clock.ts';

process.once('message', (assignment: InterpreterAssignment) => {
  const { pid } = superviseInterpreter({ assignment, clock: systemClock, onState: () => {}, onLog: () => {} });
  process.send?.(pid);
});
