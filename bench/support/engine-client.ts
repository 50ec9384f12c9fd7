/** A LiveTranslate client for tests: sends what it is given and keeps every frame in order of arrival. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { append, type Frame } from './scripted-backend.ts';

/** The key of engines that tests start themselves. */
export const ENGINE_KEY = 'sk-any';

export class EngineClient {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  readonly #changed = new EventTarget();
  /** Resolves with the close code. */
  readonly closed: Promise<number>;

  constructor(url: string, model = 'qwen3-livetranslate-flash-realtime', key = ENGINE_KEY) {
    this.#socket = new WebSocket(`${url}?model=${model}`, { headers: { Authorization: `Bearer ${key}` } });
    this.#socket.on('message', (data) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#changed.dispatchEvent(new Event('frame'));
    });
    this.closed = new Promise((resolve) => this.#socket.on('close', resolve));
    this.#socket.on('error', () => {});
  }

  /** Resolves when the socket is open, before any frame has arrived. */
  async opened(): Promise<this> {
    await once(this.#socket, 'open');
    return this;
  }

  says(...messages: object[]): this {
    for (const message of messages) this.#socket.send(JSON.stringify(message));
    return this;
  }

  saysRaw(data: string | Buffer): this {
    this.#socket.send(data);
    return this;
  }

  /** Sends speech in chunks of 100 ms, as fast as the network takes it. */
  speaks(samples: Int16Array): this {
    for (let at = 0; at < samples.length; at += 1600) this.says(append(samples.subarray(at, at + 1600)));
    return this;
  }

  /** The first frame of this type; waits for it if necessary. */
  async frame(type: string): Promise<Frame> {
    for (;;) {
      const found = this.frames.find((frame) => frame.type === type);
      if (found) return found;
      await once(this.#changed, 'frame');
    }
  }

  /** Finishes the session and resolves when the service has answered everything. */
  async finished(): Promise<this> {
    this.says({ type: 'session.finish' });
    await this.frame('session.finished');
    this.#socket.close();
    return this;
  }

  /** Stops reading from the socket. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes the socket; resolves with the close code when the service has answered. */
  hangUp(): Promise<number> {
    this.#socket.close(1000);
    return this.closed;
  }

  close(): void {
    this.#socket.terminate();
  }

  of(type: string): Frame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  get transcript(): string {
    return this.of('conversation.item.input_audio_transcription.completed')
      .map(({ transcript }) => String(transcript))
      .join(' ');
  }

  get translation(): string {
    return [...this.of('response.audio_transcript.done'), ...this.of('response.text.done')]
      .map(({ transcript, text }) => String(transcript ?? text))
      .join(' ');
  }

  get voice(): Int16Array {
    const bytes = Buffer.concat(
      this.of('response.audio.delta').map(({ delta }) => Buffer.from(String(delta), 'base64')),
    );
    return new Int16Array(new Uint8Array(bytes).buffer);
  }
}
