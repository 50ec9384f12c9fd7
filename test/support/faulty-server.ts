/**
 * A server in which the interpreter of the room `faulty` throws errors that nobody catches, a little after it was launched, and that
 * of the room `fatal` has one thrown that belongs to no room. Prints its URL. Its argument is the secret.
 */

import './end-with-parent.ts';
import { Claims } from '@mediasoup-booth/protocol';
import { pino } from 'pino';
import { handleUnforeseenErrors } from '../../cli/unforeseen-errors.ts';
import type { LaunchInterpreter } from '../../server/room/room-interpreter.ts';
import { startServer } from '../../server/server.ts';
import { serverOptions } from './server-options.ts';

const THROWS_AFTER_MS = 50;
/** What happens outside of every room, as in other parts of the process. */
let happensOutside = (): void => {};
setInterval(() => happensOutside(), THROWS_AFTER_MS);

const launchInterpreter: LaunchInterpreter = ({ token }) => {
  const { booth } = Claims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));
  if (booth.room === 'faulty') {
    setTimeout(() => {
      throw new Error('a timer of the faulty room');
    }, THROWS_AFTER_MS);
    void Promise.reject(new Error('a promise of the faulty room'));
  }
  if (booth.room === 'fatal')
    happensOutside = () => {
      throw new Error('an error of no room');
    };
  return { stop: async () => {} };
};

const log = pino({ level: 'info' }, pino.destination(2));
const server = await startServer({
  ...serverOptions,
  secret: process.argv[2] ?? '',
  launchInterpreter,
  log,
});
handleUnforeseenErrors({ contain: (error) => server.contain(error), close: () => server.close() }, log);
console.log(server.url);
