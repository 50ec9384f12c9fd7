/** Participant views for tests. */
import type { ParticipantView, ProducerView } from '@mediasoup-booth/protocol';

export const microphone = (id: string): ProducerView => ({
  id: `mic-${id}`,
  kind: 'audio',
  source: 'microphone',
  paused: false,
});

/** A participant with a microphone who speaks English and neither hears nor reads translations. */
export const person = (id: string, more: Partial<ParticipantView> = {}): ParticipantView => ({
  id,
  name: id.toUpperCase(),
  kind: 'person',
  hidden: false,
  speaks: 'en',
  hears: 'original',
  reads: [],
  interpret: true,
  pictures: true,
  producers: [microphone(id)],
  dataProducers: [],
  ...more,
});

/** A listener who hears and reads `language`, and one who reads originals. */
export const audienceOf = (language: string): ParticipantView[] => [
  listener(`hears-${language}`, { hears: language, reads: [language] }),
  listener('reads-originals', { reads: ['original'] }),
];

/** A participant without a microphone. */
export const listener = (id: string, more: Partial<ParticipantView> = {}): ParticipantView =>
  person(id, { speaks: null, producers: [], ...more });
