/**
 * A server in which the interpreter of the room `faulty` throws errors that nobody catches, a little after it was launched, and that
 * of the room `fatal` has one thrown that belongs to no room. Prints its URL. Its argument is the secret.
 */
import { pino } from 'pino';
import { handleUnforeseenErrors } from '../../cli/unforeseen-errors.ts';
import { offline } from '../../config/models.ts';
import { Claims } from '../../protocol/tokens.ts';
import type { LaunchInterpreter } from '../../server/room/room-interpreter.ts';
import { startServer } from '../../server/server.ts';

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
  host: '127.0.0.1',
  port: 0,
  rtc: { port: 0, workers: 1 },
  secret: process.argv[2] ?? '',
  onDemand: true,
  model: offline,
  pricing: 'free',
  engine: { model: offline.id, kind: 'offline', label: 'Offline engine' },
  sessionBudget: { connectionsPerMinute: 8, tokensPerMinute: 100_000 },
  budget: { dailyMoney: 0, dailyTokens: 0, onExceeded: 'captions' },
  transcripts: { folder: '/nowhere', retentionHours: 0 },
  pages: '/nowhere',
  launchInterpreter,
  log,
});
handleUnforeseenErrors({ contain: (error) => server.contain(error), close: () => server.close() }, log);
console.log(server.url);
