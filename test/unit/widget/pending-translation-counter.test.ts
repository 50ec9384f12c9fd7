import type { InterpretationState, PlayoutMessage, StatusMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { PendingTranslationCounter } from '../../../client-widget/meeting/pending-translation-counter.ts';

const envelope = (language: string, speaker: string) => ({
  v: 1 as const,
  seq: 1,
  language,
  speaker: { id: speaker, name: speaker },
});
const status = (language: string, state: InterpretationState, listeners: number, speaker = 'jane'): StatusMessage => ({
  ...envelope(language, speaker),
  type: 'status',
  state,
  listeners,
  queueMs: 0,
});
const playout = (
  language: string,
  state: PlayoutMessage['state'],
  utterance = 'a',
  speaker = 'jane',
): PlayoutMessage => ({
  ...envelope(language, speaker),
  type: 'playout',
  utterance,
  state,
  at: 0,
});

function counterAfter(...messages: (StatusMessage | PlayoutMessage)[]) {
  const counter = new PendingTranslationCounter();
  for (const message of messages) counter.push(message, 0);
  return counter;
}
const waiting = (counter: PendingTranslationCounter, nowMs = 0) =>
  Object.fromEntries(counter.listenersBySpeaker(nowMs));

describe('PendingTranslationCounter', () => {
  it('counts listeners over all languages whose translation is not over', () => {
    const counter = counterAfter(status('es', 'speaking', 2), playout('es', 'started'), status('fr', 'translating', 1));
    expect(waiting(counter)).toEqual({ jane: 3 });
  });

  it('counts nobody once the last channel is silent', () => {
    const counter = counterAfter(status('es', 'speaking', 2), playout('es', 'started'), playout('es', 'ended'));
    expect(waiting(counter)).toEqual({});
  });

  it.each(['ended', 'skipped'] as const)('keeps counting while another utterance plays, when one is %s', (state) => {
    const counter = counterAfter(
      status('es', 'speaking', 2),
      playout('es', 'started'),
      playout('es', 'started', 'b'),
      playout('es', state),
    );
    expect(waiting(counter)).toEqual({ jane: 2 });
  });

  it('counts each speaker separately, and no language that nobody hears', () => {
    const counter = counterAfter(
      status('es', 'speaking', 1, 'luis'),
      playout('es', 'started', 'l', 'luis'),
      status('fr', 'translating', 0),
    );
    expect(waiting(counter)).toEqual({ luis: 1 });
  });

  it('expires after a minute without a message, as an interpreter that crashed announces no end', () => {
    const counter = counterAfter(status('es', 'speaking', 1), playout('es', 'started'));
    expect(waiting(counter, 60_000)).toEqual({ jane: 1 });
    expect(waiting(counter, 60_001)).toEqual({});
  });

  it('removes speakers who have left', () => {
    const counter = counterAfter(status('es', 'translating', 1));
    counter.retain(new Set());
    expect(waiting(counter)).toEqual({});
  });
});
