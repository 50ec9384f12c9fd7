/** One piece of speech: its transcript, where the client wants one, and the response that refers to it. */
import type { ResponseOutput, UtteranceOutput } from './backend.ts';
import type { Meter } from './meter.ts';
import { Response } from './response.ts';
import { type Frame, type Settings, sourceCompleted, sourceFailed, sourceText } from './server-frames.ts';

export interface UtteranceOptions {
  settings: Settings;
  conversation: string;
  id(kind: string): string;
  meter: Meter;
  send(frame: Frame): void;
}

export class Utterance implements UtteranceOutput {
  readonly #options: UtteranceOptions;
  readonly #item: string;
  /** Where the speech's own language is wanted, the transcript is all there is to say. */
  readonly #transcribes: boolean;
  #transcriptCharacters = 0;
  #ended = false;

  constructor(options: UtteranceOptions) {
    this.#options = options;
    this.#item = options.id('item');
    const { transcription, source, target } = options.settings;
    this.#transcribes = transcription !== undefined || source === target;
  }

  source(stable: string, tentative: string): void {
    if (!this.#ended) this.#say(sourceText(this.#item, stable, tentative, this.#options.settings.source));
  }

  sourceDone(transcript: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#transcribes) this.#transcriptCharacters = transcript.length;
    this.#say(sourceCompleted(this.#item, transcript, this.#options.settings.source));
  }

  sourceFailed(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#say(sourceFailed(this.#item, reason));
  }

  response(): ResponseOutput {
    const { id, conversation, settings, meter, send } = this.#options;
    return new Response({
      identity: {
        id: id('resp'),
        conversation,
        item: id('item'),
        previousItem: this.#transcribes ? this.#item : null,
        audio: settings.audio,
        voice: settings.voice,
      },
      transcriptCharacters: () => this.#transcriptCharacters,
      meter,
      send,
    });
  }

  #say(frame: Frame): void {
    if (this.#transcribes) this.#options.send(frame);
  }
}
