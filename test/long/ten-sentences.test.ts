/** Ten sentences that a human said, the whole way. */
import { describe } from 'vitest';
import { areInterpreted } from '../support/spoken-sentences.ts';

/** Among them what the engine finds hard. */
const PROMPTS = [
  'conf-onlyone',
  'conf-waitforleader',
  'conf-now-recording',
  'conf-leaderhasleft',
  'conf-getpin',
  'demo-echodone',
  'feature-not-avail-line',
  'cannot-complete-as-dialed',
  'ss-noservice',
  'queue-youarenext',
];

describe('someone speaks, someone else hears and reads the translation', () =>
  areInterpreted(PROMPTS, { words: ['conferencia', 'participante', 'servicio', 'línea'] }));
