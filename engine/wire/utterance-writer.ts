/** Writes the frames of one utterance: its transcript, if the client wants one, and the response that refers to it. */
import type { ResponseOutput, UtteranceOutput } from './backend.ts';
import type { ServerDialect, ServerSettings } from './dialect.ts';
import { ResponseWriter } from './response-writer.ts';
import { type OutgoingFrame, sourceCompleted, sourceFailed, sourceText } from './server-frames.ts';
import type { TokenMeter } from './token-meter.ts';

export interface UtteranceWriterOptions {
  settings: ServerSettings;
  dialect: ServerDialect;
  /** The id of the transcript's item. */
  item: string;
  conversation: string;
  id(kind: string): string;
  meter: TokenMeter;
  send(frame: OutgoingFrame): void;
}

export class UtteranceWriter implements UtteranceOutput {
  readonly #options: UtteranceWriterOptions;
  /** Whether the client gets a transcript. If source and target are the same, the transcript is all that it gets. */
  readonly #transcribes: boolean;
  /** The stable text that the client has already. */
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
    if (!this.#ended) this.#sendText(stable, tentative);
  }

  sourceDone(transcript: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#transcribes) this.#transcriptCharacters = transcript.length;
    if (this.#options.dialect.appends) this.#sendText(transcript, '');
    this.#send(sourceCompleted(this.#options.item, transcript, this.#details));
  }

  sourceFailed(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send(sourceFailed(this.#options.item, reason));
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

  get #details(): object {
    return this.#options.dialect.transcript(this.#options.settings);
  }

  #sendText(stable: string, tentative: string): void {
    const growth = this.#options.dialect.textUpdate(this.#sent, stable, tentative);
    this.#sent = stable;
    if (growth) this.#send(sourceText(this.#options.item, growth, this.#details));
  }

  #send(frame: OutgoingFrame): void {
    if (this.#transcribes) this.#options.send(frame);
  }
}
