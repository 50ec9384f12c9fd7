import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { InterpretationQueue } from '../../../engine/offline/interpretation-queue.ts';
import { type SpeechSynthesizer, StageError, type Translator } from '../../../engine/offline/stages.ts';
import type { UtteranceOutput } from '../../../engine/wire/backend.ts';

const upperCase: Translator = { translate: async (sentence) => sentence.toUpperCase(), close() {} };
const lengths: SpeechSynthesizer = {
  synthesize: async (sentence, speak) => speak(Int16Array.of(sentence.length)),
  close() {},
};

function bench(stages: { translator?: Translator; voice?: SpeechSynthesizer | undefined } = {}) {
  const { translator, voice } = { translator: upperCase, voice: lengths, ...stages };
  const said: unknown[][] = [];
  const utterance = (name: string): UtteranceOutput => ({
    source() {},
    sourceDone() {},
    sourceFailed() {},
    response() {
      said.push([name, 'begins']);
      return {
        text: (stable, tentative) => said.push([name, 'text', stable + tentative]),
        audio: (samples) => said.push([name, 'audio', ...samples]),
        said: (text) => said.push([name, 'said', text]),
        done: (text) => said.push([name, 'done', text]),
        failed: (reason) => said.push([name, 'failed', reason]),
      };
    },
  });
  const subject = new InterpretationQueue({ translator, voice, log: pino({ level: 'silent' }) });
  return { subject, said, utterance };
}

describe('interpreting what was said', () => {
  it('shows the translation before it is spoken, one utterance after another', async () => {
    const { subject, said, utterance } = bench();
    subject.add(utterance('first'), 'one');
    subject.add(utterance('second'), 'three');
    await subject.finish();
    expect(said).toEqual([
      ['first', 'begins'],
      ['first', 'text', 'ONE'],
      ['first', 'audio', 3],
      ['first', 'done', 'ONE'],
      ['second', 'begins'],
      ['second', 'text', 'THREE'],
      ['second', 'audio', 5],
      ['second', 'done', 'THREE'],
    ]);
  });

  it('is text alone where no voice is wanted', async () => {
    const { subject, said, utterance } = bench({ voice: undefined });
    subject.add(utterance('first'), 'one');
    await subject.finish();
    expect(said.map(([, what]) => what)).toEqual(['begins', 'text', 'done']);
  });

  it('loses one sentence to a translator that fails, and no other', async () => {
    const failing: Translator = {
      async translate(sentence) {
        if (sentence === 'one') throw new StageError('translator', 'It died.');
        return sentence;
      },
      close() {},
    };
    const { subject, said, utterance } = bench({ translator: failing });
    subject.add(utterance('first'), 'one');
    subject.add(utterance('second'), 'two');
    await subject.finish();
    expect(said).toContainEqual(['first', 'failed', 'It died.']);
    expect(said.at(-1)).toEqual(['second', 'done', 'two']);
  });

  it('keeps the text of a sentence whose voice fails', async () => {
    const { subject, said, utterance } = bench({
      voice: {
        synthesize: async () => {
          throw new Error('internal details');
        },
        close() {},
      },
    });
    subject.add(utterance('first'), 'one');
    await subject.finish();
    expect(said).toEqual([
      ['first', 'begins'],
      ['first', 'text', 'ONE'],
      ['first', 'failed', 'The translation failed.'],
    ]);
  });

  it('leaves out what comes when 16 sentences wait, and says so', async () => {
    const { subject, said, utterance } = bench();
    for (let i = 0; i < 17; i++) subject.add(utterance(`${i}`), 'x');
    expect(said).toEqual([
      ['16', 'begins'],
      ['16', 'failed', expect.stringContaining('too far behind')],
    ]);
    await subject.finish();
    expect(said.filter(([, what]) => what === 'done')).toHaveLength(16);
    subject.add(utterance('later'), 'x');
    await subject.finish();
    expect(said.at(-1)).toEqual(['later', 'done', 'X']);
  });

  it('stops speaking when it is closed', async () => {
    let aborted = false;
    const endless: SpeechSynthesizer = {
      synthesize: (_, __, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason);
          });
        }),
      close() {},
    };
    const { subject, said, utterance } = bench({ voice: endless });
    subject.add(utterance('first'), 'one');
    subject.add(utterance('second'), 'two');
    await new Promise((resolve) => setImmediate(resolve));
    subject.close();
    await subject.finish();
    expect(aborted).toBe(true);
    expect(said.map(([name, what]) => [name, what])).toEqual([
      ['first', 'begins'],
      ['first', 'text'],
    ]);
  });
});
