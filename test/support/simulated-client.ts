/** A client of the simulated vendor that says what a test says, in fake time, and keeps every frame as it came. */

import { append, type Frame, update } from '../../bench/support/scripted-backend.ts';
import { Simulator, type SimulatorOptions } from '../../engine/scripted/simulator.ts';
import { tonesFor } from '../../engine/scripted/tone-words.ts';
import type { ServiceConnection } from '../../engine/wire/admission.ts';
import type { ResponseUsage } from '../../engine/wire/server-frames.ts';
import { FakeClock } from '../../time/fake-clock.ts';

const CHUNK = 1600;
const CHUNK_MS = 100;
export const LT3 = 'qwen3-livetranslate-flash-realtime';
export const LT35 = 'qwen3.5-livetranslate-flash-realtime';
export const LT38 = 'qwen3.8-livetranslate-flash-realtime';

/** A `session.update` that the model's generation accepts. */
export const updateFor = (model: string, { audio = true, target = 'es', ...session }: Update = {}): object => {
  const modalities = audio ? ['text', 'audio'] : ['text'];
  if (model.startsWith('qwen3.8')) {
    const translation = { language: target };
    return {
      type: 'session.update',
      session: { output_modalities: modalities, voice: 'Tina', translation, ...session },
    };
  }
  const voice = model.startsWith('qwen3.5') ? 'Tina' : 'Cherry';
  return update({ modalities, ...(audio && { voice }), translation: { language: target }, ...session });
};
interface Update {
  audio?: boolean;
  target?: string;
  [field: string]: unknown;
}

/** A JPEG as far as its headers go. */
export function picture({ width = 640, height = 360, bytes = 1000 } = {}): object {
  const start = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8];
  const image = Buffer.alloc(bytes);
  image.set([...start, height >> 8, height & 255, width >> 8, width & 255]);
  return { type: 'input_image_buffer.append', image: image.toString('base64') };
}

/** The vendor, and the time that passes. Everything is sure at once unless a test says otherwise. */
export class Vendor {
  readonly clock = new FakeClock();
  readonly simulator: Simulator;

  constructor(options: Partial<SimulatorOptions> = {}) {
    const script = { ...options.script, answer: { revises: 0, holdsBack: 0, ...options.script?.answer } };
    this.simulator = new Simulator({ seed: 1, ...options, clock: this.clock, script });
  }

  connect(model = LT3, key?: string): SimulatedClient {
    const admission = this.simulator.connect({ model, ...(key !== undefined && { key }) });
    if ('status' in admission) throw new Error(`refused: ${JSON.stringify(admission)}`);
    return new SimulatedClient(this.clock, model, admission.open);
  }

  /** Connected and configured. */
  session(model = LT3, session: Update = {}): SimulatedClient {
    return this.connect(model).says(updateFor(model, session));
  }
}

export class SimulatedClient {
  readonly texts: string[] = [];
  readonly model: string;
  readonly #clock: FakeClock;
  readonly #service: ServiceConnection;
  /** How the service ended it. */
  ended: { code: number; reason: string } | 'cut' | undefined;
  answersClose = true;

  constructor(clock: FakeClock, model: string, open: (client: Parameters<Opener>[0]) => ServiceConnection) {
    this.#clock = clock;
    this.model = model;
    this.#service = open({
      send: (text) => this.texts.push(text),
      close: (code, reason) => {
        this.ended = { code, reason };
        queueMicrotask(() => this.#service.close());
      },
      terminate: () => {
        this.ended = 'cut';
      },
      ignoreClose: () => {
        this.answersClose = false;
      },
    });
  }

  says(...messages: (object | string)[]): this {
    for (const message of messages) {
      this.#service.receive(typeof message === 'string' ? message : JSON.stringify(message));
    }
    return this;
  }

  /** At the pace of speech. */
  hears(samples: Int16Array): this {
    for (let at = 0; at < samples.length; at += CHUNK) {
      this.says(append(samples.subarray(at, at + CHUNK)));
      this.#clock.advance(CHUNK_MS);
    }
    return this;
  }

  speaks(...words: string[]): this {
    return this.hears(tonesFor(words));
  }

  pauses(ms = 1000): this {
    return this.hears(new Int16Array(16 * ms));
  }

  /** An utterance, and time for its answer. */
  utters(...words: string[]): this {
    this.speaks(...words).pauses();
    this.#clock.advance(3000);
    return this;
  }

  leaves(): void {
    this.#service.close();
  }

  get frames(): Frame[] {
    return this.texts.map((text) => JSON.parse(text) as Frame);
  }

  get types(): string[] {
    return this.frames.map(({ type }) => type);
  }

  of(...types: string[]): Frame[] {
    return this.frames.filter(({ type }) => types.includes(type));
  }

  /** The errors' details. */
  get errors(): { type: string; code: string; message: string; param?: string }[] {
    return this.of('error').map(({ error }) => error as { type: string; code: string; message: string });
  }

  /** As they ended. */
  get responses(): { status: string; usage: ResponseUsage }[] {
    return this.of('response.done').map(({ response }) => response as { status: string; usage: ResponseUsage });
  }

  get transcripts(): unknown[] {
    return this.of('conversation.item.input_audio_transcription.completed').map(({ transcript }) => transcript);
  }

  get translations(): unknown[] {
    return this.of('response.audio_transcript.done', 'response.text.done').map(
      ({ transcript, text }) => transcript ?? text,
    );
  }

  get voice(): Int16Array {
    const bytes = Buffer.concat(
      this.of('response.audio.delta').map(({ delta }) => Buffer.from(String(delta), 'base64')),
    );
    return new Int16Array(new Uint8Array(bytes).buffer);
  }
}

type Opener = Extract<ReturnType<Simulator['connect']>, { open: unknown }>['open'];
