/** One piece of speech: its transcript, where the client wants one, and the response that refers to it. */
import type { ResponseOutput, UtteranceOutput } from './backend.ts';
import type { ServerDialect, ServerSettings } from './dialect.ts';
import { ResponseWriter } from './response-writer.ts';
import { type OutgoingFrame, sourceCompleted, sourceFailed, sourceText } from './server-frames.ts';
import type { TokenMeter } from './token-meter.ts';

export interface UtteranceWriterOptions {
  settings: ServerSettings;
  dialect: ServerDialect;
  /** The item of its transcript. */
  item: string;
  conversation: string;
  id(kind: string): string;
  meter: TokenMeter;
  send(frame: OutgoingFrame): void;
}

export class UtteranceWriter implements UtteranceOutput {
  readonly #options: UtteranceWriterOptions;
  /** Where the speech's own language is wanted, the transcript is all there is to say. */
  readonly #transcribes: boolean;
  /** The stable text of which the client knows. */
  #sent = '';
  #transcriptCharacters = 0;
  #ended = false;

  constructor(options: UtteranceWriterOptions) {
    this.#options = options;
    const { transcription, source, target } = options.settings;
    const unasked = options.dialect.transcribesUnasked && source === target;
    this.#transcribes = transcription !== undefined || unasked;
  }

  source(stable: string, tentative: string): void {
    if (!this.#ended) this.#grow(stable, tentative);
  }

  sourceDone(transcript: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#transcribes) this.#transcriptCharacters = transcript.length;
    if (this.#options.dialect.appends) this.#grow(transcript, '');
    this.#say(sourceCompleted(this.#options.item, transcript, this.#about));
  }

  sourceFailed(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#say(sourceFailed(this.#options.item, reason));
  }

  response(): ResponseOutput {
    const { id, conversation, item, settings, dialect, meter, send } = this.#options;
    return new ResponseWriter({
      identity: {
        id: id('resp'),
        conversation,
        item: id('item'),
        previousItem: this.#transcribes ? item : null,
        audio: settings.audio,
        about: dialect.response(settings),
        linked: dialect.linksItems,
      },
      dialect,
      transcriptCharacters: () => this.#transcriptCharacters,
      meter,
      send,
    });
  }

  get #about(): object {
    return this.#options.dialect.transcript(this.#options.settings);
  }

  #grow(stable: string, tentative: string): void {
    const growth = this.#options.dialect.textUpdate(this.#sent, stable, tentative);
    this.#sent = stable;
    if (growth) this.#say(sourceText(this.#options.item, growth, this.#about));
  }

  #say(frame: OutgoingFrame): void {
    if (this.#transcribes) this.#options.send(frame);
  }
}
