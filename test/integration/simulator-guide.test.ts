/**
 * The Python samples of the vendor's guide, message by message and in their order: settings are sent before anything is read,
 * no transcript is asked for, a microphone is sent in chunks of 3200 bytes, a picture every half second, and the connection
 * is closed without `session.finish`. Only the base URL is another.
 */
import { pino } from 'pino';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { humanSpeech } from '../../bench/support/speech.ts';
import { startOfflineEngine } from '../../engine/offline/engine.ts';
import { Simulator, serveSimulator } from '../../engine/scripted/simulator.ts';
import { engineParts } from '../../scripts/places.mjs';
import { systemClock } from '../../time/clock.ts';

const log = pino({ level: 'silent' });
const place = { host: '127.0.0.1', port: 0, log };
const CHUNK_BYTES = 3200;
const CHUNK_MS = 100;
const FRAME_INTERVAL_MS = 500;

type ServiceEvent = { type?: string; [field: string]: unknown };

/** `LiveTranslateClient` of `livetranslate_client.py`, without the loudspeaker. */
class LiveTranslateClient {
  readonly played: Buffer[] = [];
  readonly translated: string[] = [];
  readonly usages: unknown[] = [];
  readonly others: string[] = [];
  readonly #url: string;
  readonly #targetLanguage: string;
  #socket: WebSocket | undefined;

  constructor(baseUrl: string, targetLanguage: string) {
    this.#url = `${baseUrl}?model=qwen3-livetranslate-flash-realtime`;
    this.#targetLanguage = targetLanguage;
  }

  async connect(): Promise<void> {
    const socket = new WebSocket(this.#url, { headers: { Authorization: 'Bearer sk-sample' } });
    this.#socket = socket;
    socket.on('message', (message) => this.#handle(JSON.parse(message.toString()) as ServiceEvent));
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => {
        this.#configureSession();
        resolve();
      });
      socket.once('error', reject);
    });
  }

  #configureSession(): void {
    this.#send({
      event_id: eventId(),
      type: 'session.update',
      session: {
        modalities: ['text', 'audio'],
        voice: 'Cherry',
        input_audio_format: 'pcm',
        output_audio_format: 'pcm',
        translation: { language: this.#targetLanguage },
      },
    });
  }

  sendAudioChunk(audio: Buffer): void {
    this.#send({ event_id: eventId(), type: 'input_audio_buffer.append', audio: audio.toString('base64') });
  }

  sendImageFrame(image: Buffer): void {
    this.#send({ event_id: eventId(), type: 'input_image_buffer.append', image: image.toString('base64') });
  }

  #handle(event: ServiceEvent): void {
    if (event.type === 'response.audio.delta') this.played.push(Buffer.from(String(event.delta ?? ''), 'base64'));
    else if (event.type === 'response.done') this.usages.push((event.response as { usage?: unknown }).usage);
    else if (event.type === 'response.audio_transcript.done') this.translated.push(String(event.transcript ?? ''));
    else if (event.type === 'response.text.done') this.translated.push(String(event.text ?? ''));
    else this.others.push(String(event.type));
  }

  async close(): Promise<number> {
    const closed = new Promise<number>((resolve) => this.#socket?.once('close', resolve));
    this.#socket?.close();
    return closed;
  }

  #send(event: object): void {
    this.#socket?.send(JSON.stringify(event));
  }
}

const eventId = (): string => `event_${Date.now()}`;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `stream_microphone_once`: somebody says one sentence into a microphone that stays on. */
async function streamMicrophone(client: LiveTranslateClient, image: Buffer | undefined): Promise<void> {
  const speech = humanSpeech('confbridge-removed').samples;
  const sound = Buffer.concat([Buffer.from(speech.buffer, speech.byteOffset, speech.byteLength), Buffer.alloc(64_000)]);
  let lastImageMs = 0;
  for (let at = 0; at < sound.length; at += CHUNK_BYTES) {
    await sleep(CHUNK_MS);
    client.sendAudioChunk(sound.subarray(at, at + CHUNK_BYTES));
    if (!image || Date.now() - lastImageMs < FRAME_INTERVAL_MS) continue;
    client.sendImageFrame(image);
    lastImageMs = Date.now();
  }
}

let simulator: Simulator;
let mask: Buffer;
const engines = new Map<string, { url: string; close(): Promise<void> }>();
beforeAll(async () => {
  // The same is said twice, and would be said in other words the second time.
  simulator = new Simulator({ clock: systemClock, script: { paraphrases: false } });
  engines.set('the simulator', await serveSimulator({ ...place, simulator, clock: systemClock }));
  engines.set(
    'the offline engine',
    await startOfflineEngine({ ...place, key: 'sk-sample', components: engineParts(process.env) }),
  );
  mask = await sharp({ create: { width: 640, height: 480, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
});
afterAll(async () => {
  for (const engine of engines.values()) await engine.close();
});

describe.each([
  ['the simulator', 'zh', /^zh:/],
  ['the offline engine', 'es', /^Has sido sacado de la conferencia\.$/],
])('the vendor’s sample against %s', (name, target, translation) => {
  it.each([false, true])('gets a translation to read and to hear; with pictures: %s', async (withPictures) => {
    const client = new LiveTranslateClient(engines.get(name)?.url ?? '', target);
    await client.connect();
    await streamMicrophone(client, withPictures ? mask : undefined);
    await expect.poll(() => client.usages.length).toBeGreaterThan(0);

    expect(client.others).not.toContain('error');
    expect(client.others.filter((type) => type.includes('input_audio_transcription'))).toEqual([]);
    expect(client.translated).toEqual([expect.stringMatching(translation)]);
    const played = Buffer.concat(client.played);
    expect(played.length).toBeGreaterThan(24_000);
    expect(Math.max(...played)).toBeGreaterThan(0);
    expect(client.usages).toEqual([expect.objectContaining({ total_tokens: expect.any(Number) as number })]);
    expect(await client.close()).toBe(1005);
  });

  it('was not told of any mistake', () => {
    if (name !== 'the simulator') return;
    const { connections } = simulator.stats();
    expect(connections.map(({ violations }) => violations)).toEqual([[], []]);
    expect(connections.map(({ images }) => images.length > 3)).toEqual([false, true]);
    expect(connections[1]?.images[0]).toMatchObject({ width: 640, height: 480, bytes: mask.length });
  });
});
