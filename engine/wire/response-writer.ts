/**
 * Writes the frames of one response in the vendor's order: created, item, part; text and voice interleaved; then the end of each, exactly
 * once, with the usage. Nothing is sent after the end.
 */
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { ResponseOutput } from './backend.ts';
import type { ServerDialect } from './dialect.ts';
import {
  type OutgoingFrame,
  type ResponseIdentity,
  type ResponseOutcome,
  responseAudio,
  responseDone,
  responseStarted,
  responseText,
  responseTextDone,
} from './server-frames.ts';
import type { TokenMeter } from './token-meter.ts';

/** 200 ms of voice in one frame. */
const SAMPLES_PER_FRAME = VOICE_SAMPLE_RATE / 5;

export interface ResponseWriterOptions {
  identity: ResponseIdentity;
  dialect: ServerDialect;
  /** The length of the transcript, whose characters are billed with the response. */
  transcriptCharacters(): number;
  meter: TokenMeter;
  send(frame: OutgoingFrame): void;
}

export class ResponseWriter implements ResponseOutput {
  readonly #options: ResponseWriterOptions;
  #outputAudioSamples = 0;
  #text = '';
  /** The stable text that the client has already. */
  #sent = '';
  #finalText: string | undefined;
  #ended = false;

  constructor(options: ResponseWriterOptions) {
    this.#options = options;
    for (const frame of responseStarted(options.identity)) options.send(frame);
  }

  text(stable: string, tentative: string): void {
    if (this.#isComplete) return;
    this.#text = stable + tentative;
    this.#sendText(stable, tentative);
  }

  audio(samples: Int16Array): void {
    if (this.#isComplete || !this.#options.identity.audio) return;
    this.#outputAudioSamples += samples.length;
    for (let at = 0; at < samples.length; at += SAMPLES_PER_FRAME) {
      const frame = samples.subarray(at, at + SAMPLES_PER_FRAME);
      this.#options.send(responseAudio(this.#options.identity, base64(frame)));
    }
  }

  said(text: string): void {
    this.#endText(text, { status: 'completed' });
  }

  done(text: string): void {
    this.#end(text, { status: 'completed' });
  }

  failed(reason: string): void {
    this.#end(this.#text, { status: 'failed', reason });
  }

  get #isComplete(): boolean {
    return this.#ended || this.#finalText !== undefined;
  }

  #sendText(stable: string, tentative: string): void {
    const { identity, dialect, send } = this.#options;
    const growth = dialect.textUpdate(this.#sent, stable, tentative);
    this.#sent = stable;
    if (growth) send(responseText(identity, growth));
  }

  #endText(text: string, outcome: ResponseOutcome): void {
    if (this.#isComplete) return;
    this.#finalText = text;
    const { identity, dialect, send } = this.#options;
    if (dialect.appends) this.#sendText(text, '');
    for (const frame of responseTextDone(identity, text, outcome)) send(frame);
  }

  #end(text: string, outcome: ResponseOutcome): void {
    if (this.#ended) return;
    this.#endText(text, outcome);
    this.#ended = true;
    const { identity, meter, transcriptCharacters, send } = this.#options;
    const whole = this.#finalText ?? text;
    const usage = meter.takeUsage({
      outputAudioSamples: this.#outputAudioSamples,
      characters: whole.length + transcriptCharacters(),
    });
    send(responseDone(identity, whole, outcome, usage));
  }
}

const base64 = (samples: Int16Array): string =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
