import { describe, expect, it } from 'vitest';
import { InterpreterFence } from '../../../../server/room/interpreter-fence.ts';
import { SpeechPause } from '../../../../server/room/speech-pause.ts';

const refused = expect.objectContaining({ code: 'forbidden' });

describe('the fence of an interpreter', () => {
  it('lets in whoever has the highest token, any number of times', () => {
    const fence = new InterpreterFence();
    for (const token of [2, 2, 5]) fence.accept(token);
    expect(fence.highest).toBe(5);
  });

  it('refuses a lower token for good, and none as well', () => {
    const fence = new InterpreterFence();
    fence.accept(5);
    expect(() => fence.accept(4)).toThrow(refused);
    expect(() => fence.require(undefined)).toThrow(refused);
    expect(fence.highest).toBe(5);
  });

  it('needs no tokens where interpreters run beside the server', () => {
    const fence = new InterpreterFence();
    fence.accept(undefined);
    expect(() => fence.require(undefined)).not.toThrow();
  });
});

describe('a pause in what an interpreter says', () => {
  const speaker = { id: 'ann', name: 'Ann' };
  const caption = (utterance: string, final: boolean) =>
    ({
      v: 1,
      type: 'caption',
      seq: 1,
      utterance,
      speaker,
      language: 'es',
      kind: 'translation',
      stable: 'hola',
      final,
      start: 0,
    }) as const;
  const playout = (utterance: string, state: 'started' | 'ended' | 'skipped') =>
    ({ v: 1, type: 'playout', seq: 1, utterance, speaker, language: 'es', state, at: 0 }) as const;

  it('is where nothing was ever said', () => {
    expect(new SpeechPause().isPause(0)).toBe(true);
  });

  it('is not while an utterance is written, or said', () => {
    const pause = new SpeechPause();
    pause.push(caption('u1', false), 0);
    expect(pause.isPause(5000)).toBe(false);
    pause.push(caption('u1', true), 5000);
    expect(pause.isPause(5600)).toBe(false);
    pause.push(playout('u1', 'started'), 5600);
    expect(pause.isPause(9000)).toBe(false);
    pause.push(playout('u1', 'ended'), 9000);
    expect(pause.isPause(9699)).toBe(false);
    expect(pause.isPause(9700)).toBe(true);
  });

  it('does not wait for ever for what never ends', () => {
    const pause = new SpeechPause();
    pause.push(caption('u1', false), 0);
    expect(pause.isPause(60_000)).toBe(false);
    expect(pause.isPause(60_001)).toBe(true);
  });

  it('is there at once when the interpreter has left', () => {
    const pause = new SpeechPause();
    pause.push(caption('u1', false), 0);
    pause.clear();
    expect(pause.isPause(1000)).toBe(true);
  });
});
