/** The router of somebody's application, people who speak there, and the simulated service that translates. */
import * as mediasoup from 'mediasoup';
import type { Producer, Router, RouterRtpCodecCapability, Worker, WorkerSettings } from 'mediasoup/types';
import { onTestFinished } from 'vitest';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { silentLog } from '../../bench/support/silent-log.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import type { BoothOptions } from '../../bot/booth-options.ts';
import type { Engine } from '../../bot/engine.ts';
import { Booth } from '../../bot/in-process/booth.ts';
import type { Offered } from '../../bot/in-process/room-options.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { Simulator, serveSimulator } from '../../engine/scripted/simulator.ts';
import type { Logger } from '../../logging/logger.ts';
import { writeRtpPacket } from '../../rtp/rtp-packet.ts';
import { systemClock } from '../../time/clock.ts';
import { say } from './meeting.ts';

const opus: RouterRtpCodecCapability = { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 };
const KEY = 'sk-any';

/** A media worker that ends with the test. */
export async function startWorker(settings: WorkerSettings = {}): Promise<Worker> {
  const worker = await mediasoup.createWorker({ logLevel: 'none', ...settings });
  onTestFinished(() => worker.close());
  return worker;
}

export const createRouter = (worker: Worker, mediaCodecs = [opus]): Promise<Router> =>
  worker.createRouter({ mediaCodecs });

/** A log that tests can search. */
export class Lines implements Logger {
  readonly all: { level: keyof Logger; fields: object; message: string }[] = [];
  readonly debug = this.#writer('debug');
  readonly info = this.#writer('info');
  readonly warn = this.#writer('warn');
  readonly error = this.#writer('error');

  /** The fields of the lines with this message. */
  of(message: string): object[] {
    return this.all.filter((line) => line.message === message).map(({ fields }) => fields);
  }

  #writer(level: keyof Logger) {
    return (fields: object, message: string): void => void this.all.push({ level, fields, message });
  }
}

/** The simulated service. It answers all speech with made-up words, quickly. */
export async function startSimulator(script: ScriptInput = {}): Promise<Engine & { simulator: Simulator }> {
  const simulator = new Simulator({ clock: systemClock, script: { paraphrases: false, ...script } });
  const server = await serveSimulator({
    host: '127.0.0.1',
    port: 0,
    simulator,
    clock: systemClock,
    log: silentLog,
  });
  onTestFinished(() => server.close());
  return { url: server.url, model: 'qwen3-livetranslate-flash-realtime', key: KEY, simulator };
}

/** A Booth that is closed with the test. */
export function startBooth(options: BoothOptions): Booth {
  const booth = new Booth({ log: new Lines(), ...options });
  onTestFinished(() => booth.close());
  return booth;
}

export interface Microphone {
  producer: Producer;
  /** Says a recorded sentence in real time. */
  says(name: string): Promise<void>;
  /** Sends bytes that are no Opus, for a while. */
  sends(payload: () => Buffer, packets: number): Promise<void>;
}

/** The microphone of somebody in the host's application. */
export async function openMicrophone(router: Router): Promise<Microphone> {
  const transport = await router.createDirectTransport();
  const [ssrc, payloadType] = [1234, 100];
  const codec = { mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2 };
  const producer = await transport.produce({
    kind: 'audio',
    rtpParameters: { codecs: [codec], encodings: [{ ssrc }] },
  });
  let sequenceNumber = 0;
  const write = (payload: Uint8Array, timestamp: number, marker: boolean) => {
    if (producer.closed) return;
    producer.send(writeRtpPacket({ ssrc, payloadType, sequenceNumber, timestamp, marker, payload }));
    sequenceNumber = (sequenceNumber + 1) % 2 ** 16;
  };
  return {
    producer,
    async says(name) {
      const { samples, sampleRate } = humanSpeech(name);
      const spoken = await say({ write, close() {} }, await resample(samples, sampleRate, VOICE_SAMPLE_RATE));
      await spoken.done;
    },
    async sends(payload, packets) {
      for (let n = 0; n < packets; n++) {
        write(payload(), n * 960, n === 0);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/** A host's side of a room, which notes what it was called with. */
export class NotingHost {
  readonly calls: string[] = [];
  readonly offered = new Map<string, Set<Offered>>();
  failing: ((it: Offered) => void) | undefined;

  offer(person: string, it: Offered): void {
    this.calls.push(`offer ${person} ${named(it)}`);
    this.failing?.(it);
    const all = this.offered.get(person) ?? new Set();
    this.offered.set(person, all.add(it));
  }

  withdraw(person: string, it: Offered): void {
    this.calls.push(`withdraw ${person} ${named(it)}`);
    this.offered.get(person)?.delete(it);
  }

  /** What a person has, as `captions es`. */
  has(person: string): string[] {
    const open = [...(this.offered.get(person) ?? [])].filter(({ closed }) => !closed);
    return open.map(named).sort();
  }

  it(person: string, name: string): Offered | undefined {
    return [...(this.offered.get(person) ?? [])].find((it) => !it.closed && named(it) === name);
  }
}

const named = ({ appData: { booth } }: Offered): string =>
  [booth.role, booth.language, ...(booth.speaker === undefined ? [] : [`of ${booth.speaker}`])].join(' ');
