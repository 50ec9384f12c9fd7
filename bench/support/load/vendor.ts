/**
 * A process that answers as the translation service does, and costs little: for each five seconds that it hears it says four, a recording
 * that was made ready beforehand, in pieces as long as those that it hears.
 */
import { randomUUID } from 'node:crypto';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { qwen3 } from '../../../config/models.ts';
import type {
  Backend,
  BackendOutput,
  BackendSession,
  ResponseOutput,
  UtteranceOutput,
} from '../../../engine/wire/backend.ts';
import { serverDialects } from '../../../engine/wire/dialects.ts';
import { serve } from '../../../engine/wire/serve.ts';
import { WireSession } from '../../../engine/wire/wire-session.ts';
import { endWithParent } from '../../../process/parent-watchdog.mjs';
import { systemClock } from '../../../time/clock.ts';
import { silentLog } from '../silent-log.ts';
import { recordedVoice } from './recorded-opus.ts';

export type FromVendor = { url: string };

const UTTERANCE_MS = 5000;
/** Of what it hears: about 60 % of the time, as pauses are not sent to it. */
const SPEAKING_SHARE = 0.78;
const WORD_EVERY_MS = 400;
const WORDS = 'the people in this room would like to hear what everybody has to say about it'.split(' ');
const MAX_CONNECTIONS = 1024;

/** Hears, and answers while it hears: what it says begins when a fifth of an utterance has been said. */
class LightSession implements BackendSession {
  readonly #output: BackendOutput;
  readonly #voice: Int16Array;
  #heardMs = 0;
  #startedMs = 0;
  #words: string[] = [];
  #at = 0;
  #utterance: UtteranceOutput | undefined;
  #response: ResponseOutput | undefined;

  constructor(output: BackendOutput, voice: Int16Array) {
    this.#output = output;
    this.#voice = voice;
    this.#at = Math.floor(Math.random() * voice.length);
  }

  pushAudio(samples: Int16Array): boolean {
    const ms = (samples.length * 1000) / SPEECH_SAMPLE_RATE;
    this.#heardMs += ms;
    this.#utterance ??= this.#start();
    const intoMs = this.#heardMs - this.#startedMs;
    if (intoMs >= UTTERANCE_MS * (1 - SPEAKING_SHARE)) this.#speak(ms, intoMs);
    if (intoMs >= UTTERANCE_MS) this.#end();
    return true;
  }

  finish(answered: () => void): void {
    this.#end();
    answered();
  }

  close(): void {}

  #start(): UtteranceOutput {
    this.#startedMs = this.#heardMs;
    this.#words = [];
    this.#output.speechStarted(this.#startedMs);
    return this.#output.utterance();
  }

  #speak(ms: number, intoMs: number): void {
    this.#response ??= this.#utterance?.response();
    if (this.#words.length < intoMs / WORD_EVERY_MS) {
      this.#words.push(WORDS[this.#words.length % WORDS.length] ?? '');
      this.#utterance?.source(this.#text, '');
      this.#response?.text(this.#text, '');
    }
    const length = Math.round((ms * VOICE_SAMPLE_RATE) / 1000);
    if (this.#at + length > this.#voice.length) this.#at = 0;
    this.#response?.audio(this.#voice.subarray(this.#at, this.#at + length));
    this.#at += length;
  }

  #end(): void {
    if (!this.#utterance) return;
    this.#output.speechStopped(this.#heardMs);
    this.#utterance.sourceDone(this.#text);
    this.#response?.said(this.#text);
    this.#response?.done(this.#text);
    this.#utterance = this.#response = undefined;
  }

  get #text(): string {
    return `${this.#words.join(' ')}.`;
  }
}

endWithParent();
const voice = await recordedVoice();
const backend: Backend = {
  negotiate: (wanted) => wanted,
  open: (_configuration, output) => new LightSession(output, voice),
};
const server = await serve({
  host: '127.0.0.1',
  port: 0,
  model: qwen3.id,
  maxConnections: MAX_CONNECTIONS,
  clock: systemClock,
  log: silentLog,
  admit: ({ model }) => ({
    open: ({ send, close }) =>
      new WireSession({
        model,
        dialect: serverDialects[qwen3.dialect],
        backend,
        send,
        close,
        clock: systemClock,
        id: (kind) => `${kind}_${randomUUID().replaceAll('-', '')}`,
        log: silentLog,
      }),
  }),
});
process.once('disconnect', () => process.exit());
process.send?.({ url: server.url } satisfies FromVendor);
