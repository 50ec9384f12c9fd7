/**
 * A meeting in fake time of eight people who speak four languages; each hears and reads the other three in their own. Everything is
 * interpreted with the simulated vendor. The result says what was used of the service and which words were lost.
 */

import type { UsageEntry } from '@mediasoup-booth/protocol';
import { type Model, qwen3 } from '../config/models.ts';
import { WORD_MS } from '../engine/scripted/tone-words.ts';
import { conversation } from './conversation.ts';
import type { WantedSpeech } from './cost.ts';
import { countsOf, type Microphone, SimulatedMeeting, wordsIn } from './support/simulated-meeting.ts';
import { person } from './support/views.ts';

export const MODEL: Model = qwen3;
const PEOPLE = 8;
const LANGUAGES = ['en', 'es', 'fr', 'de'];
/** Time before the first word in which all sessions are opened: twelve kinds of session at eight connections per minute. */
const GATHERING_MS = 90_000;
/** Time after the last word in which its translation arrives. */
const ENDS_AFTER_MS = 60_000;

export interface HeldMeeting {
  wanted: WantedSpeech[];
  taken: UsageEntry[];
  /** Over all languages. `unheard` words did not reach a session; `unread` words did not appear in captions. */
  words: { said: number; unheard: number; unread: number };
  connections: { total: number; perMinute: number };
  /** Milliseconds that speech waited for a session, for each time that somebody started to speak. */
  waits: readonly number[];
}

export interface MeetingOptions {
  minutes: number;
  seed: number;
}

const languageOf = (index: number): string => LANGUAGES[index % LANGUAGES.length] ?? 'en';
const others = (language: string): string[] => LANGUAGES.filter((other) => other !== language);

/** The length of the benchmark's meeting; it is held once for all benchmarks that measure it. */
const MINUTES = 10;
const held = new Map<number, Promise<HeldMeeting>>();

export function meetingOfSeed(seed: number): Promise<HeldMeeting> {
  const known = held.get(seed) ?? holdMeeting({ minutes: MINUTES, seed });
  held.set(seed, known);
  return known;
}

export async function holdMeeting({ minutes, seed }: MeetingOptions): Promise<HeldMeeting> {
  const views = Array.from({ length: PEOPLE }, (_, i) => {
    const language = languageOf(i);
    return person(`p${i}`, { speaks: language, hears: language, reads: [language] });
  });
  const meeting = await SimulatedMeeting.start(views, { model: MODEL.id, seed, script: { paraphrases: false } });
  const people = views.map(({ id }) => meeting.speaker(id));
  await meeting.passTime(GATHERING_MS);
  for (const { atMs, speaker, words } of conversation({ people: PEOPLE, minutes, seed })) {
    await meeting.until(() => meeting.clock.now() >= GATHERING_MS + atMs);
    people[speaker]?.says(meeting.words(words));
  }
  await meeting.until(() => people.every(({ isSpeaking }) => !isSpeaking));
  await meeting.passTime(ENDS_AFTER_MS);
  meeting.close();
  return outcome(meeting, people);
}

function outcome(meeting: SimulatedMeeting, people: readonly Microphone[]): HeldMeeting {
  const { connections, connectionsPerMinute } = meeting.simulator.stats();
  const words = { said: 0, unheard: 0, unread: 0 };
  for (const [source, some] of Map.groupBy(people, (_, i) => languageOf(i))) {
    const said = some.flatMap((person) => person.said);
    const ids = new Set(some.map(({ id }) => id));
    for (const target of others(source)) {
      const sessions = connections.filter(
        ({ configuration }) => configuration?.source === source && configuration.target === target,
      );
      const heard = sessions.flatMap(({ utterances }) => utterances.flatMap((utterance) => utterance.words));
      const captions = meeting.captions(target).translations.filter(({ speaker }) => ids.has(speaker.id));
      words.said += said.length;
      words.unheard += missing(said, heard);
      words.unread += missing(said, wordsIn(captions));
    }
  }
  const wanted = people.flatMap(({ id, said }, i) =>
    others(languageOf(i)).map((language) => ({ speaker: id, language, speechMs: said.length * WORD_MS })),
  );
  return {
    wanted,
    taken: meeting.interpreter.usage.entries(),
    words,
    connections: { total: connections.length, perMinute: connectionsPerMinute },
    waits: meeting.waits.filter(({ atMs }) => atMs >= GATHERING_MS).map(({ waitMs }) => waitMs),
  };
}

/** The number of words of `said` that are missing in `there`; repeated words count each time. */
export function missing(said: readonly string[], there: readonly string[]): number {
  const counts = countsOf(there);
  const short = Object.entries(countsOf(said)).map(([word, times]) => Math.max(0, times - (counts[word] ?? 0)));
  return short.reduce((sum, one) => sum + one, 0);
}
