/** Room messages as an interpreter sends them. */
import type { CaptionMessage, PlayoutMessage } from '@mediasoup-booth/protocol';

let seq = 0;

/** A final translation into Spanish, where nothing else is said. */
export const caption = (utterance: string, change: Partial<CaptionMessage> = {}): CaptionMessage => ({
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

export const original = (utterance: string, change: Partial<CaptionMessage> = {}): CaptionMessage =>
  caption(utterance, { language: 'en', kind: 'original', stable: `text ${utterance}`, ...change });

export const playout = (
  utterance: string,
  state: PlayoutMessage['state'],
  at: number,
  change: Partial<PlayoutMessage> = {},
): PlayoutMessage => ({
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

/** A text that an interpreter sends as what Eva, who is in the room, has said. */
export const spoken = (text: string, language = 'es'): string =>
  JSON.stringify(caption('u', { language, stable: text, speaker: { id: 'eva', name: 'eva' } }));

/** The text of such a message. */
export const textIn = (message: string): string => JSON.parse(message).stable;
