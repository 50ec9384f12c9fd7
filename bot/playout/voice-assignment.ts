/**
 * Which of the model's voices speaks for whom, so that listeners tell speakers apart. Pure: the same speakers in the same order
 * have the same voices, and each voice speaks for as few as can be.
 *
 * A session speaks with one voice, and is leased to whoever needs that voice next: each further one costs a session, and so a
 * connection, in every language that is heard. Therefore there are as many as the configuration allows, and by default one.
 */
import type { Model } from '../../config/models.ts';
import type { LanguageCode } from '../../protocol/languages.ts';

/** The voices that may be given to speakers of this target: the model's own first, none with an accent, at most so many. */
export function voicesFor({ voice, voices }: Model, target: LanguageCode, most: number): string[] {
  const fitting = voices.filter(({ languages, accent }) => !accent && (languages?.includes(target) ?? true));
  const names = fitting.map(({ name }) => name);
  const preferred = names.filter((name) => name === voice);
  return [...preferred, ...names.filter((name) => name !== voice)].slice(0, most);
}

/** The voice of somebody new: one that speaks for the fewest; among several, the one that their id falls on. */
export function chooseVoice(speaker: string, voices: readonly string[], taken: Iterable<string>): string | undefined {
  const uses = new Map(voices.map((voice) => [voice, 0]));
  for (const voice of taken) uses.set(voice, (uses.get(voice) ?? 0) + 1);
  const fewest = Math.min(...voices.map((voice) => uses.get(voice) ?? 0));
  const free = voices.filter((voice) => uses.get(voice) === fewest);
  return free[hash(speaker) % free.length];
}

/** Who has which voice in which language, until they leave. */
export class VoiceAssignment {
  readonly #model: Model;
  readonly #maxVoices: number;
  readonly #assigned = new Map<LanguageCode, Map<string, string>>();

  constructor(model: Model, most: number) {
    this.#model = model;
    this.#maxVoices = most;
  }

  /** Undefined: the model's own, for all. */
  voiceFor(speaker: string, target: LanguageCode): string | undefined {
    const voices = voicesFor(this.#model, target, this.#maxVoices);
    if (voices.length < 2) return undefined;
    const given = this.#assigned.get(target) ?? new Map<string, string>();
    this.#assigned.set(target, given);
    const voice = given.get(speaker) ?? chooseVoice(speaker, voices, given.values());
    if (voice !== undefined) given.set(speaker, voice);
    return voice;
  }

  release(speaker: string): void {
    for (const given of this.#assigned.values()) given.delete(speaker);
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
