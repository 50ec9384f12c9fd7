/** What people want decides what is paid for: through the whole interpreter, to the simulated vendor. */

import type { CaptionMessage, ParticipantView } from '@mediasoup-booth/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedInterpretation } from '../../../bench/support/simulated-interpretation.ts';
import { listener, person } from '../../../bench/support/views.ts';
import { qwen3, qwen35 } from '../../../config/models.ts';

const SENTENCES = 3;

let meeting: SimulatedInterpretation | undefined;
afterEach(() => meeting?.close());

async function meet(people: readonly ParticipantView[], model?: string): Promise<SimulatedInterpretation> {
  meeting = new SimulatedInterpretation(people, { ...(model !== undefined && { model }) });
  await meeting.started();
  return meeting;
}

async function talk(held: SimulatedInterpretation): Promise<void> {
  for (let i = 0; i < SENTENCES; i++) await held.says('amal', 3000);
}

const finalsIn = (
  { room }: SimulatedInterpretation,
  language: string,
  kind: CaptionMessage['kind'],
): CaptionMessage[] =>
  room.messages(language).filter((one) => one.type === 'caption' && one.kind === kind && one.final) as CaptionMessage[];

/** The sessions' kinds, and what came out of them for money. */
function bought({ simulator, interpreter }: SimulatedInterpretation) {
  const kinds = simulator.stats().connections.map(({ configuration }) => {
    const { source, target, audio } = configuration ?? { source: '', target: '', audio: false };
    return `${source} ${target} ${audio ? 'said' : 'written'}`;
  });
  const tokens = interpreter.usage.entries().map((entry) => entry.tokens);
  return { kinds: [...new Set(kinds)], voice: tokens.reduce((sum, { outputAudio }) => sum + outputAudio, 0) };
}

const speechMs = ({ interpreter }: SimulatedInterpretation): number =>
  interpreter.usage.entries().reduce((sum, { sentMs }) => sum + sentMs.speech, 0);

describe.each([qwen3, qwen35].map(({ id, dialect }) => ({ id, dialect })))('by $dialect', ({ id }) => {
  it.each([
    {
      what: 'an Arabic speaker and an Arabic reader alone',
      language: 'ar',
      people: [person('amal', { speaks: 'ar' }), listener('omar', { reads: ['ar'] })],
    },
    {
      what: 'an English meeting in which one reads along and one hears English',
      language: 'en',
      people: [person('amal'), person('bob', { reads: ['en'] }), person('cleo', { hears: 'en' })],
    },
  ])('$what: captions, and no translation is paid for', async ({ language, people }) => {
    const held = await meet(people, id);
    await talk(held);
    const originals = finalsIn(held, language, 'original');
    expect(originals).toHaveLength(SENTENCES);
    for (const { stable } of originals) expect(stable.split(' ').length).toBeGreaterThan(4);
    expect(finalsIn(held, language, 'translation')).toEqual([]);
    // A service that transcribes writes the text a second time, as if it were a translation; no more is bought.
    expect(bought(held)).toEqual({ kinds: [`${language} ${language} written`], voice: 0 });
    expect(held.room.channels).toEqual([]);
  });

  it('an English meeting that somebody hears in Spanish: its captions come with that session', async () => {
    const held = await meet([person('amal'), listener('leo', { reads: ['en'] }), listener('eva', { hears: 'es' })], id);
    await talk(held);
    expect(finalsIn(held, 'en', 'original')).toHaveLength(SENTENCES);
    expect(bought(held).kinds).toEqual(['en es said']);
  });

  it('an English meeting in which nobody reads: nothing is sent', async () => {
    const held = await meet([person('amal'), person('cleo', { hears: 'en' })], id);
    await talk(held);
    expect(held.simulator.stats().connections).toEqual([]);
  });
});

describe('while somebody speaks', () => {
  const STEP_MS = 20;
  const eva = listener('eva', { hears: 'es' });

  it('a language that somebody wants, for which a session is held warm, is sent within 300 ms', async () => {
    const held = await meet([person('amal'), eva]);
    await held.says('amal', 2000);
    held.leaves('eva');
    await held.passTime(10_000);
    await held.room.says('amal', 1000);
    const before = speechMs(held);
    held.has(eva);
    let ms = 0;
    for (; ms < 3000 && speechMs(held) === before; ms += STEP_MS) await held.room.says('amal', STEP_MS);
    expect(ms).toBeLessThanOrEqual(300);
    expect(held.simulator.stats().connections).toHaveLength(1);
  });

  it('a language that nobody wants any more is not sent from then on', async () => {
    const held = await meet([person('amal'), eva]);
    await held.room.says('amal', 2000);
    const before = speechMs(held);
    expect(before).toBeGreaterThan(1000);
    held.leaves('eva');
    await held.room.says('amal', 2000);
    expect(speechMs(held) - before).toBeLessThanOrEqual(STEP_MS);
  });
});
