/**
 * One response in the vendor's order: created, item, part; text and voice interleaved; then the ends of all of them,
 * exactly once, with what it cost. Nothing is said after its end.
 */
import type { ResponseOutput } from './backend.ts';
import type { ServerDialect } from './dialect.ts';
import {
  type OutgoingFrame,
  type ResponseIdentity,
  type ResponseOutcome,
  responseAudio,
  responseBeginning,
  responseDone,
  responseSaid,
  responseText,
} from './server-frames.ts';
import type { TokenMeter } from './token-meter.ts';

/** A fifth of a second in one frame. */
const SAMPLES_PER_FRAME = 4800;

export interface ResponseWriterOptions {
  identity: ResponseIdentity;
  dialect: ServerDialect;
  /** Characters of the transcript, which is billed with the response. */
  transcriptCharacters(): number;
  meter: TokenMeter;
  send(frame: OutgoingFrame): void;
}

export class ResponseWriter implements ResponseOutput {
  readonly #options: ResponseWriterOptions;
  #spokenSamples = 0;
  #shown = '';
  /** The stable text of which the client knows. */
  #sent = '';
  #said: string | undefined;
  #ended = false;

  constructor(options: ResponseWriterOptions) {
    this.#options = options;
    for (const frame of responseBeginning(options.identity)) options.send(frame);
  }

  text(stable: string, tentative: string): void {
    if (this.#over) return;
    this.#shown = stable + tentative;
    this.#grow(stable, tentative);
  }

  audio(samples: Int16Array): void {
    if (this.#over || !this.#options.identity.audio) return;
    this.#spokenSamples += samples.length;
    for (let at = 0; at < samples.length; at += SAMPLES_PER_FRAME) {
      const frame = samples.subarray(at, at + SAMPLES_PER_FRAME);
      this.#options.send(responseAudio(this.#options.identity, base64(frame)));
    }
  }

  said(text: string): void {
    this.#say(text, { status: 'completed' });
  }

  done(text: string): void {
    this.#end(text, { status: 'completed' });
  }

  failed(reason: string): void {
    this.#end(this.#shown, { status: 'failed', reason });
  }

  get #over(): boolean {
    return this.#ended || this.#said !== undefined;
  }

  #grow(stable: string, tentative: string): void {
    const { identity, dialect, send } = this.#options;
    const growth = dialect.textUpdate(this.#sent, stable, tentative);
    this.#sent = stable;
    if (growth) send(responseText(identity, growth));
  }

  #say(text: string, outcome: ResponseOutcome): void {
    if (this.#over) return;
    this.#said = text;
    const { identity, dialect, send } = this.#options;
    if (dialect.appends) this.#grow(text, '');
    for (const frame of responseSaid(identity, text, outcome)) send(frame);
  }

  #end(text: string, outcome: ResponseOutcome): void {
    if (this.#ended) return;
    this.#say(text, outcome);
    this.#ended = true;
    const { identity, meter, transcriptCharacters, send } = this.#options;
    const whole = this.#said ?? text;
    const usage = meter.takeUsage({
      spokenSamples: this.#spokenSamples,
      characters: whole.length + transcriptCharacters(),
    });
    send(responseDone(identity, whole, outcome, usage));
  }
}

const base64 = (samples: Int16Array): string =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
