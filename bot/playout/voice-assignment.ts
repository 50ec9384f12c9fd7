/**
 * Assigns the model's voices to speakers, so that listeners can tell speakers apart. Deterministic: the same speakers in the same order
 * get the same voices, and each voice speaks for as few speakers as possible.
 *
 * A session speaks with one voice and is leased to whoever needs that voice next, so each further voice costs a session, and thereby a
 * connection, in every language that is heard. Therefore at most as many voices are used as the configuration allows; by default one.
 */

import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { Model } from '../../config/models.ts';

/** The voices for a target language, at most `maxVoices`: the model's default voice first, none with an accent. */
export function voicesFor({ voice, voices }: Model, target: LanguageCode, maxVoices: number): string[] {
  const fitting = voices.filter(({ languages, accent }) => !accent && (languages?.includes(target) ?? true));
  const names = fitting.map(({ name }) => name);
  const preferred = names.filter((name) => name === voice);
  return [...preferred, ...names.filter((name) => name !== voice)].slice(0, maxVoices);
}

/**
 * Chooses the voice of a new speaker: one that speaks for the fewest; among several, the one that a hash of the speaker's id selects.
 *
 * @param taken the voices of the other speakers, as often as each is in use
 */
export function chooseVoice(speaker: string, voices: readonly string[], taken: Iterable<string>): string | undefined {
  const uses = new Map(voices.map((voice) => [voice, 0]));
  for (const voice of taken) uses.set(voice, (uses.get(voice) ?? 0) + 1);
  const fewest = Math.min(...voices.map((voice) => uses.get(voice) ?? 0));
  const free = voices.filter((voice) => uses.get(voice) === fewest);
  return free[hash(speaker) % free.length];
}

/** Keeps which speaker has which voice in which language, until the speaker is released. */
export class VoiceAssignment {
  readonly #model: Model;
  readonly #maxVoices: number;
  readonly #assigned = new Map<LanguageCode, Map<string, string>>();

  /** @param maxVoices how many voices may be used in a language */
  constructor(model: Model, maxVoices: number) {
    this.#model = model;
    this.#maxVoices = maxVoices;
  }

  /** Returns the speaker's voice in a language; undefined where all speakers have the model's default voice. */
  voiceFor(speaker: string, target: LanguageCode): string | undefined {
    const voices = voicesFor(this.#model, target, this.#maxVoices);
    if (voices.length < 2) return undefined;
    const assigned = this.#assigned.get(target) ?? new Map<string, string>();
    this.#assigned.set(target, assigned);
    const voice = assigned.get(speaker) ?? chooseVoice(speaker, voices, assigned.values());
    if (voice !== undefined) assigned.set(speaker, voice);
    return voice;
  }

  /** The speaker has left: their voices are free for others. */
  release(speaker: string): void {
    for (const assigned of this.#assigned.values()) assigned.delete(speaker);
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
