/** A parent that launches an interpreter, with the argument `threads` in a process for many, and tells its process id, for a test to kill. */
import './end-with-parent.ts';
import type { InterpreterAssignment } from '../../bot/process/interpreter-ipc.ts';
import { superviseInterpreter } from '../../bot/process/interpreter-supervisor.ts';
import { InterpreterThreads } from '../../bot/process/interpreter-threads.ts';
import { systemClock } from '../../time/clock.ts';

const common = { clock: systemClock, onState: () => {}, onLog: () => {} };

process.once('message', (assignment: InterpreterAssignment) => {
  const launched = process.argv.includes('threads')
    ? new InterpreterThreads(common).launch({ assignment, ...common })
    : superviseInterpreter({ assignment, ...common });
  process.send?.(launched.pid);
});
