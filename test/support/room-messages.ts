/** Room messages as an interpreter sends them. */
import type { Caption, Playout } from '../../protocol/room-messages.ts';

let seq = 0;

/** A final translation into Spanish, where nothing else is said. */
export const caption = (utterance: string, change: Partial<Caption> = {}): Caption => ({
  v: 1,
  type: 'caption',
  seq: ++seq,
  language: 'es',
  speaker: { id: 'ben', name: 'Ben' },
  utterance,
  kind: 'translation',
  stable: `texto ${utterance}`,
  final: true,
  start: 1000,
  end: 2000,
  ...change,
});

export const original = (utterance: string, change: Partial<Caption> = {}): Caption =>
  caption(utterance, { language: 'en', kind: 'original', stable: `text ${utterance}`, ...change });

export const playout = (
  utterance: string,
  state: Playout['state'],
  at: number,
  change: Partial<Playout> = {},
): Playout => ({
  v: 1,
  type: 'playout',
  seq: ++seq,
  language: 'es',
  speaker: { id: 'ben', name: 'Ben' },
  utterance,
  state,
  at,
  ...change,
});
