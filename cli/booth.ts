/** The `booth` program: runs the command that was typed, each of which is a file of `commands/`. */
import { endWithParent } from '../process/parent-watchdog.mjs';
import type { Program } from './run.ts';

const program: Program = {
  name: 'booth',
  summary: 'an interpreter for WebRTC meetings',
  commands: {
    start: {
      summary: 'serve meetings with interpreters',
      load: async () => (await import('./commands/start.ts')).start,
    },
    demo: {
      summary: 'hear and read a recorded voice in translation',
      load: async () => (await import('./commands/demo.ts')).demo,
    },
    edge: {
      summary: 'carry listeners of another computer’s meetings',
      load: async () => (await import('./commands/edge.ts')).edge,
    },
    bot: {
      summary: 'send an interpreter into a room by hand',
      load: async () => (await import('./commands/bot.ts')).bot,
    },
    worker: {
      summary: 'run interpreters for servers that have them placed by Redis',
      load: async () => (await import('./commands/worker.ts')).worker,
    },
    speak: {
      summary: 'say a recording in a room',
      load: async () => (await import('./commands/speak.ts')).speak,
    },
    listen: {
      summary: 'hear and read a language in a room',
      load: async () => (await import('./commands/listen.ts')).listen,
    },
    link: {
      summary: 'make another link with which a browser enters as a host',
      load: async () => (await import('./commands/link.ts')).link,
    },
    token: {
      summary: 'make a token with which somebody enters a room',
      load: async () => (await import('./commands/token.ts')).token,
    },
    secret: {
      summary: 'make a new secret for tokens and invites',
      load: async () => (await import('./commands/secret.ts')).secret,
    },
    translate: {
      summary: 'translate a recording or a microphone, without a room',
      load: async () => (await import('./commands/translate.ts')).translate,
    },
    engine: {
      summary: 'run the offline translation engine',
      load: async () => (await import('./commands/engine.ts')).engine,
    },
    simulate: {
      summary: 'simulate the cloud translation service, faults included',
      load: async () => (await import('./commands/simulate.ts')).simulate,
    },
    bench: {
      summary: 'measure Booth on this computer',
      load: async () => (await import('./commands/bench.ts')).bench,
    },
    doctor: {
      summary: 'say what is missing on this computer and how to get it',
      load: async () => (await import('./commands/doctor.ts')).doctor,
    },
  },
};

endWithParent();
// A reader of the output may close it before the end (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 1);
  throw error;
});

// Loaded only now, because a busy computer takes seconds for it, in which the parent may end.
const { runProgram } = await import('./run.ts');
process.exitCode = await runProgram(program, process.argv.slice(2));
// An IPC channel to a parent would keep the process running.
if (process.connected) process.disconnect();
