/**
 * The options of a server that tests start, without its secret, launcher and log. Nothing of the test runner is imported, so that a process of
 * its own can use them.
 */
import { offline } from '../../config/models.ts';
import type { ServerOptions } from '../../server/server.ts';

export const serverOptions: Omit<ServerOptions, 'secret' | 'launchInterpreter' | 'log'> = {
  host: '127.0.0.1',
  port: 0,
  rtc: { port: 0, workers: 1 },
  onDemand: true,
  model: offline,
  pricing: 'free',
  engine: { model: offline.id, kind: 'offline', label: 'Offline engine' },
  sessionBudget: { connectionsPerMinute: 8, tokensPerMinute: 100_000 },
  budget: { dailyMoney: 0, dailyTokens: 0, onExceeded: 'captions' },
  transcripts: { folder: '/nowhere', retentionHours: 0 },
  pages: '/nowhere',
};
