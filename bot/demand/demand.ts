/**
 * Decides which interpretations should exist, from what people hear and read. Pure.
 *
 * Nothing is translated that nobody wants, and interpreters are never interpreted. Whoever reads a language also reads what
 * is spoken in it: original captions come with one translation of that speaker, else from a session that only transcribes.
 */

import type { LanguageCode, LanguageSettings, ParticipantView } from '@mediasoup-booth/protocol';
import type { Model } from '../../config/models.ts';

/** One speaker into one language; `target` equal to `source`: a transcript without translation. */
export interface WantedInterpretation {
  speaker: string;
  producerId: string;
  source: LanguageCode;
  target: LanguageCode;
  /** Whether it is spoken: somebody listens, and the model has a voice for the language. */
  audio: boolean;
  /** Whether it also publishes original captions, in the language that is spoken. */
  originals: boolean;
  /** Whether somebody reads its captions; else it is only listened to. */
  hasCaptionSubscribers: boolean;
}

/** An interpretation that people want and the model does not offer. */
export interface UnavailableInterpretation {
  speaker: string;
  source: LanguageCode;
  target: LanguageCode;
}

export interface Demand {
  wanted: WantedInterpretation[];
  unavailable: UnavailableInterpretation[];
  /** How many people hear or read each language. */
  listeners: Map<LanguageCode, number>;
}

export interface InterpreterOffer {
  model: Model;
  /** The languages that the interpreter is to translate into; `auto`: all. */
  languages: 'auto' | readonly LanguageCode[];
  /** A language with `audio: false` is only captioned. */
  languageSettings?: Readonly<Record<LanguageCode, Pick<LanguageSettings, 'audio'>>> | undefined;
  /**
   * By speaker: the language of the interpretation that publishes their originals now. It goes on as long as that language is wanted, for
   * another one has not heard what is being said. Default: none does.
   */
  originalsFrom?: ReadonlyMap<string, LanguageCode>;
}

/**
 * @example
 * const { wanted, unavailable } = demand(connection.participants.values(), { model, languages: 'auto' });
 */
export function demand(participants: Iterable<ParticipantView>, offer: InterpreterOffer): Demand {
  const people = [...participants].filter(({ kind }) => kind === 'person');
  const result: Demand = { wanted: [], unavailable: [], listeners: listenersOf(people) };
  for (const speaker of people) {
    const microphone = speaker.producers.find(({ source, booth }) => source === 'microphone' && !booth);
    if (!microphone || !speaker.interpret || speaker.speaks === null) continue;
    const source = speaker.speaks;
    const translations = targetsFor(speaker, people).filter((target) => offers(offer, target) && target !== source);
    const possible = translations.filter((target) => canTranslate(offer.model, source, target));
    for (const target of translations) {
      if (!possible.includes(target)) result.unavailable.push({ speaker: speaker.id, source, target });
    }
    const originals = people.some(({ reads }) => reads.includes(source) || reads.includes('original'));
    const common = { speaker: speaker.id, producerId: microphone.id, source };
    const current = offer.originalsFrom?.get(speaker.id);
    const publisher = possible.find((target) => target === current) ?? possible[0];
    for (const target of possible) {
      const audio = isSpoken(offer, target) && heardByOthers(speaker, target, people);
      const publishes = originals && target === publisher;
      const hasCaptionSubscribers = publishes || people.some(({ reads }) => reads.includes(target));
      result.wanted.push({ ...common, target, audio, originals: publishes, hasCaptionSubscribers });
    }
    if (originals && possible.length === 0) {
      if (offer.model.sources.includes(source)) {
        result.wanted.push({ ...common, target: source, audio: false, originals: true, hasCaptionSubscribers: true });
      } else {
        result.unavailable.push({ speaker: speaker.id, source, target: source });
      }
    }
  }
  return result;
}

/** The languages that others hear or anyone reads, the speaker included: who reads along wants to see their own words too. */
function targetsFor(speaker: ParticipantView, people: readonly ParticipantView[]): LanguageCode[] {
  const targets = new Set<LanguageCode>();
  for (const person of people) {
    if (person.hears !== 'original' && person.id !== speaker.id) targets.add(person.hears);
    for (const read of person.reads) if (read !== 'original') targets.add(read);
  }
  return [...targets].sort();
}

const heardByOthers = (speaker: ParticipantView, target: LanguageCode, people: readonly ParticipantView[]): boolean =>
  people.some((person) => person.id !== speaker.id && person.hears === target);

const offers = ({ languages }: InterpreterOffer, target: LanguageCode): boolean =>
  languages === 'auto' || languages.includes(target);

const canTranslate = (model: Model, source: LanguageCode, target: LanguageCode): boolean =>
  model.targets.some(({ code, from }) => code === target && from.includes(source));

const isSpoken = ({ model, languageSettings }: InterpreterOffer, target: LanguageCode): boolean =>
  hasVoice(model, target) && languageSettings?.[target]?.audio !== false;

/** Whether the model can speak a language. */
export const hasVoice = (model: Model, target: LanguageCode): boolean =>
  model.targets.some(({ code, audio }) => code === target && audio);

function listenersOf(people: readonly ParticipantView[]): Map<LanguageCode, number> {
  const listeners = new Map<LanguageCode, number>();
  for (const { hears, reads } of people) {
    const languages = new Set([hears, ...reads].filter((language) => language !== 'original'));
    for (const language of languages) listeners.set(language, (listeners.get(language) ?? 0) + 1);
  }
  return listeners;
}
