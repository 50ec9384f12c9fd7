/** A backend whose answers a test decides, and the wire session in front of it. */
import { pino } from 'pino';
import type {
  Backend,
  BackendConfiguration,
  BackendOutput,
  BackendRefusal,
  BackendSession,
  UtteranceOutput,
} from '../../engine/wire/backend.ts';
import { WireSession, type WireSessionOptions } from '../../engine/wire/wire-session.ts';
import { FakeClock } from '../../time/fake-clock.ts';

export type Frame = { type: string; [key: string]: unknown };

export class ScriptedBackend implements Backend {
  readonly opened: BackendConfiguration[] = [];
  readonly heard: Int16Array[] = [];
  readonly images: Uint8Array[] = [];
  closes = 0;
  commits = 0;
  clears = 0;
  /** The result of `pushAudio`. */
  keepsUp = true;
  /** How much speech it says that it has waiting. */
  waitingMs = 0;
  refusal: BackendRefusal | undefined;
  /** The only voice that it offers; undefined: any voice. */
  voice: string | undefined = 'scripted';
  failure: Error | undefined;
  readonly #finished = Promise.withResolvers<void>();
  #finishing = false;
  #output: BackendOutput | undefined;

  negotiate(wanted: BackendConfiguration): BackendConfiguration | BackendRefusal {
    return this.refusal ?? { ...wanted, voice: this.voice ?? wanted.voice };
  }

  open(configuration: BackendConfiguration, output: BackendOutput): BackendSession {
    if (this.failure) throw this.failure;
    this.opened.push(configuration);
    this.#output = output;
    const waitingMs = () => this.waitingMs;
    return {
      get waitingMs() {
        return waitingMs();
      },
      pushAudio: (samples) => {
        this.heard.push(samples);
        return this.keepsUp;
      },
      pushImage: (jpeg) => this.images.push(jpeg),
      commit: () => {
        this.commits++;
        return this.heard.length > 0;
      },
      clear: () => this.clears++,
      finish: (answered) => {
        this.#finishing = true;
        this.#finished.promise.then(() => answered(), answered);
      },
      close: () => this.closes++,
    };
  }

  get finishing(): boolean {
    return this.#finishing;
  }

  get output(): BackendOutput {
    if (!this.#output) throw new Error('the session has not heard anything yet');
    return this.#output;
  }

  utterance(): UtteranceOutput {
    return this.output.utterance();
  }

  finishes(error?: Error): void {
    if (error) this.#finished.reject(error);
    else this.#finished.resolve();
  }
}

/** A wire session and every frame that it has sent. Ids are numbered: `item_1`, `item_2`, … */
export class WireBench {
  readonly backend = new ScriptedBackend();
  readonly clock = new FakeClock();
  readonly frames: Frame[] = [];
  readonly closed: [code: number, reason: string][] = [];
  readonly session: WireSession;

  constructor(options: Partial<Pick<WireSessionOptions, 'model' | 'dialect' | 'rates'>> = {}) {
    const counts = new Map<string, number>();
    this.session = new WireSession({
      model: 'some-model',
      ...options,
      backend: this.backend,
      send: (text) => this.frames.push(JSON.parse(text) as Frame),
      close: (code, reason) => this.closed.push([code, reason]),
      clock: this.clock,
      id(kind) {
        const count = (counts.get(kind) ?? 0) + 1;
        counts.set(kind, count);
        return `${kind}_${count}`;
      },
      log: pino({ level: 'silent' }),
    });
  }

  /** Sends messages to the session: objects as JSON, texts unchanged. */
  says(...messages: (object | string)[]): this {
    for (const message of messages) {
      this.session.receive(typeof message === 'string' ? message : JSON.stringify(message));
    }
    return this;
  }

  get types(): string[] {
    return this.frames.map(({ type }) => type);
  }

  /** Takes the frames that were sent since the last call, without their event ids. */
  news(): Frame[] {
    return this.frames.splice(0).map(({ event_id: _, ...frame }) => frame as Frame);
  }
}

export const update = (session: object = {}): object => ({
  type: 'session.update',
  session: {
    modalities: ['text', 'audio'],
    voice: 'Cherry',
    input_audio_format: 'pcm',
    output_audio_format: 'pcm',
    input_audio_transcription: { model: 'qwen3-asr-flash-realtime', language: 'en' },
    translation: { language: 'es' },
    ...session,
  },
});

export const append = (samples: Int16Array | number[]): object => ({
  type: 'input_audio_buffer.append',
  audio: base64(Int16Array.from(samples)),
});

export const base64 = (samples: Int16Array): string =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');

export const jpeg = (bytes = 4): string => Buffer.from([0xff, 0xd8, ...new Uint8Array(bytes - 2)]).toString('base64');
