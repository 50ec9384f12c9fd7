import { expect, it } from 'vitest';
import { Ledger } from '../../../bot/translation/ledger.ts';

const none = { inputAudio: 0, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total: 0 };

it('adds up what each speaker sent and used in each language', () => {
  const ledger = new Ledger();
  ledger.entry('ann', 'es').fed('speech', 1000);
  ledger.entry('ann', 'es').fed('speech', 500);
  ledger.entry('ann', 'es').fed('repeated', 300);
  ledger.entry('ann', 'es').fed('silence', 200);
  ledger.entry('ann', 'es').used({ inputAudio: 10, total: 12, estimated: true });
  ledger.entry('ann', 'es').used({ inputAudio: 5, inputImage: 1, inputText: 2, outputText: 3, outputAudio: 4 });
  ledger.entry('ann', 'fr').fed('speech', 1);
  ledger.entry('bob', 'es');
  expect(ledger.entries()).toEqual([
    {
      speaker: 'ann',
      language: 'es',
      sentMs: { speech: 1500, repeated: 300, silence: 200 },
      tokens: { inputAudio: 15, inputImage: 1, inputText: 2, outputText: 3, outputAudio: 4, total: 12 },
    },
    { speaker: 'ann', language: 'fr', sentMs: { speech: 1, repeated: 0, silence: 0 }, tokens: none },
    { speaker: 'bob', language: 'es', sentMs: { speech: 0, repeated: 0, silence: 0 }, tokens: none },
  ]);
});

it('shows what was so when it was asked', () => {
  const ledger = new Ledger();
  const entry = ledger.entry('ann', 'es');
  const [before] = ledger.entries();
  entry.fed('speech', 1000);
  entry.used({ total: 5 });
  expect(before).toMatchObject({ sentMs: { speech: 0 }, tokens: { total: 0 } });
});
