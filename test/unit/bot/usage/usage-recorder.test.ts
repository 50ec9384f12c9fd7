import { describe, expect, it } from 'vitest';
import { UsageRecorder } from '../../../../bot/usage/usage-recorder.ts';

const ann = { id: 'ann', name: 'Ann' };
const bob = { id: 'bob', name: 'Bob' };
const none = { inputAudio: 0, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total: 0 };

it('adds up what each speaker sent and used in each language', () => {
  const ledger = new UsageRecorder();
  ledger.entry(ann, 'es').addAudio('speech', 1000);
  ledger.entry(ann, 'es').addAudio('speech', 500);
  ledger.entry(ann, 'es').addAudio('replayed', 300);
  ledger.entry(ann, 'es').addAudio('silence', 200);
  ledger.entry(ann, 'es').addTokens({ inputAudio: 10, total: 12, estimated: true });
  ledger.entry(ann, 'es').addTokens({ inputAudio: 5, inputImage: 1, inputText: 2, outputText: 3, outputAudio: 4 });
  ledger.entry(ann, 'fr').addAudio('speech', 1);
  ledger.entry(bob, 'es');
  expect(ledger.entries()).toEqual([
    {
      speaker: ann,
      language: 'es',
      sentMs: { speech: 1500, replayed: 300, silence: 200 },
      pictures: 0,
      tokens: { inputAudio: 15, inputImage: 1, inputText: 2, outputText: 3, outputAudio: 4, total: 12 },
    },
    { speaker: ann, language: 'fr', sentMs: { speech: 1, replayed: 0, silence: 0 }, pictures: 0, tokens: none },
    { speaker: bob, language: 'es', sentMs: { speech: 0, replayed: 0, silence: 0 }, pictures: 0, tokens: none },
  ]);
});

it('returns entries that later usage does not change', () => {
  const ledger = new UsageRecorder();
  const entry = ledger.entry(ann, 'es');
  const [before] = ledger.entries();
  entry.addAudio('speech', 1000);
  entry.addTokens({ total: 5 });
  expect(before).toMatchObject({ sentMs: { speech: 0 }, tokens: { total: 0 } });
});

describe('unreported usage', () => {
  const fed = (ledger: UsageRecorder, who: typeof ann, ms: number) => ledger.entry(who, 'es').addAudio('speech', ms);

  it('is taken once; later usage is taken the next time', () => {
    const ledger = new UsageRecorder();
    fed(ledger, ann, 100);
    ledger.entry(bob, 'es');
    expect(ledger.takeReport(10)?.entries).toMatchObject([{ speaker: ann, language: 'es', sentMs: { speech: 100 } }]);
    expect(ledger.hasUnreported).toBe(false);
    expect(ledger.takeReport(10)).toBeUndefined();
    fed(ledger, ann, 5);
    ledger.entry(ann, 'es').addTokens({ total: 7 });
    expect(ledger.takeReport(10)?.entries).toMatchObject([{ sentMs: { speech: 5 }, tokens: { total: 7 } }]);
    expect(ledger.entries()[0]).toMatchObject({ sentMs: { speech: 105 }, tokens: { total: 7 } });
  });

  it('is taken in at most the requested number of entries, and completely in the end', () => {
    const ledger = new UsageRecorder();
    for (let n = 0; n < 7; n++) fed(ledger, { id: `${n}`, name: '' }, 1);
    expect([3, 3, 3, 3].map((most) => ledger.takeReport(most)?.entries.length)).toEqual([3, 3, 1, undefined]);
  });

  it('stays in numbered reports until they are confirmed, of which there are 64 at most', () => {
    const ledger = new UsageRecorder();
    for (let n = 1; n <= 64; n++) {
      fed(ledger, ann, n);
      expect(ledger.takeReport(10)?.number).toBe(n);
    }
    fed(ledger, ann, 1000);
    expect(ledger.takeReport(10)).toBeUndefined();
    const [first] = ledger.unconfirmed;
    if (first) ledger.confirm(first);
    expect(ledger.unconfirmed).toHaveLength(63);
    expect(ledger.takeReport(10)).toMatchObject({ number: 65, entries: [{ sentMs: { speech: 1000 } }] });
    expect(new Set(ledger.unconfirmed.map(({ reporter }) => reporter)).size).toBe(1);
    expect(new UsageRecorder().takeReport(10)).toBeUndefined();
  });
});

it('counts speakers and languages beyond 500 together as others', () => {
  const ledger = new UsageRecorder();
  for (let n = 0; n < 600; n++) ledger.entry({ id: `${n}`, name: '' }, 'es').addAudio('speech', 1);
  const entries = ledger.entries();
  expect(entries).toHaveLength(501);
  expect(entries.at(-1)).toMatchObject({ speaker: { id: '' }, language: 'und', sentMs: { speech: 100 } });
});
