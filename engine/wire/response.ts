/**
 * One response in the vendor's order: created, item, part; text and voice interleaved; then the ends of all of them,
 * exactly once, with what it cost. Nothing is said after its end.
 */
import type { ResponseOutput } from './backend.ts';
import type { Meter } from './meter.ts';
import {
  type Frame,
  type Outcome,
  type ResponseIdentity,
  responseAudio,
  responseBeginning,
  responseEnding,
  responseText,
} from './server-frames.ts';

/** A fifth of a second in one frame. */
const SAMPLES_PER_FRAME = 4800;

export interface ResponseOptions {
  identity: ResponseIdentity;
  /** Characters of the transcript, which is billed with the response. */
  transcriptCharacters(): number;
  meter: Meter;
  send(frame: Frame): void;
}

export class Response implements ResponseOutput {
  readonly #options: ResponseOptions;
  #spokenSamples = 0;
  #shown = '';
  #ended = false;

  constructor(options: ResponseOptions) {
    this.#options = options;
    for (const frame of responseBeginning(options.identity)) options.send(frame);
  }

  text(stable: string, tentative: string): void {
    if (this.#ended) return;
    this.#shown = stable + tentative;
    this.#options.send(responseText(this.#options.identity, stable, tentative));
  }

  audio(samples: Int16Array): void {
    if (this.#ended || !this.#options.identity.audio) return;
    this.#spokenSamples += samples.length;
    for (let at = 0; at < samples.length; at += SAMPLES_PER_FRAME) {
      const frame = samples.subarray(at, at + SAMPLES_PER_FRAME);
      this.#options.send(responseAudio(this.#options.identity, base64(frame)));
    }
  }

  done(text: string): void {
    this.#end(text, { status: 'completed' });
  }

  failed(reason: string): void {
    this.#end(this.#shown, { status: 'failed', reason });
  }

  #end(text: string, outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    const { identity, meter, transcriptCharacters, send } = this.#options;
    const characters = text.length + transcriptCharacters();
    const usage = meter.bill({ spokenSamples: this.#spokenSamples, characters });
    for (const frame of responseEnding(identity, text, outcome, usage)) send(frame);
  }
}

const base64 = (samples: Int16Array): string =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
