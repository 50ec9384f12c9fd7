import { describe, expect, it } from 'vitest';
import { StillListening } from '../../../client-widget/meeting/still-listening.ts';
import type { InterpretationState, PlayoutMessage, StatusMessage } from '../../../protocol/room-messages.ts';

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

function told(...messages: (StatusMessage | PlayoutMessage)[]) {
  const still = new StillListening();
  for (const message of messages) still.push(message, 0);
  return still;
}
const waiting = (still: StillListening, nowMs = 0) => Object.fromEntries(still.at(nowMs));

describe('StillListening', () => {
  it('counts listeners over all languages whose translation is not over', () => {
    const still = told(status('es', 'speaking', 2), playout('es', 'started'), status('fr', 'translating', 1));
    expect(waiting(still)).toEqual({ jane: 3 });
  });

  it('counts nobody once the last channel is silent', () => {
    const still = told(status('es', 'speaking', 2), playout('es', 'started'), playout('es', 'ended'));
    expect(waiting(still)).toEqual({});
  });

  it.each(['ended', 'skipped'] as const)('keeps counting while another utterance plays, when one is %s', (state) => {
    const still = told(
      status('es', 'speaking', 2),
      playout('es', 'started'),
      playout('es', 'started', 'b'),
      playout('es', state),
    );
    expect(waiting(still)).toEqual({ jane: 2 });
  });

  it('counts each speaker separately, and no language that nobody hears', () => {
    const still = told(
      status('es', 'speaking', 1, 'luis'),
      playout('es', 'started', 'l', 'luis'),
      status('fr', 'translating', 0),
    );
    expect(waiting(still)).toEqual({ luis: 1 });
  });

  it('expires after a minute without a message, as an interpreter that crashed announces no end', () => {
    const still = told(status('es', 'speaking', 1), playout('es', 'started'));
    expect(waiting(still, 60_000)).toEqual({ jane: 1 });
    expect(waiting(still, 60_001)).toEqual({});
  });

  it('removes speakers who have left', () => {
    const still = told(status('es', 'translating', 1));
    still.retain(new Set());
    expect(waiting(still)).toEqual({});
  });
});
