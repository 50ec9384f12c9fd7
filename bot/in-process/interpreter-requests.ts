/**
 * Does what the interpreter's thread asks of one room's router, for as long as that thread lives: receives producers, publishes channels
 * and captions. Owns what was opened for the thread. What was asked by a thread that has ended is closed when it is open, and answered to
 * nobody.
 */
import type { Producer } from 'mediasoup/types';
import type { Clock } from '../../time/clock.ts';
import { keepOpen } from '../../time/keep-open.ts';
import type { CarriedPacket } from './packet-batch.ts';
import type { Offered, OfferedRole } from './room-options.ts';
import type { ChannelProducer, ReceivedStream, RouterMedia } from './router-media.ts';
import { type AskMessage, type HostMessage, INTERPRETER_ID, type MediaRequests } from './thread-messages.ts';

export interface InterpreterRequestsOptions {
  media: RouterMedia;
  producer(id: string): Producer | undefined;
  send(message: HostMessage): void;
  sendPacket(packet: CarriedPacket): void;
  /** What is published has changed. */
  onPublished(): void;
  /** A producer could not be received; undefined: it is received. */
  onReceived(producerId: string, error: unknown): void;
  clock: Clock;
}

interface Output {
  readonly it: Offered;
  write(payload: Uint8Array, timestamp: number, marker: boolean): void;
  send(text: string): void;
}

export class InterpreterRequests {
  readonly #options: InterpreterRequestsOptions;
  readonly #streams = new Map<number, ReceivedStream>();
  readonly #outputs = new Map<number, Output>();
  /** What the thread has ended, or that nothing is opened for any more. */
  readonly #stops = new Map<number, () => void>();
  #closed = false;

  constructor(options: InterpreterRequestsOptions) {
    this.#options = options;
  }

  /** The channels and captions that are published. */
  get published(): Offered[] {
    return [...this.#outputs.values()].map(({ it }) => it).filter(({ closed }) => !closed);
  }

  /** Does what was asked, and answers. */
  handle(message: AskMessage): void {
    this.#run(message).then(
      (value) => this.#send({ type: 'answer', id: message.id, value }),
      (error: unknown) => this.#send({ type: 'failure', id: message.id, reason: reasonOf(error) }),
    );
  }

  /** A stream or output is no longer wanted. */
  end(id: number): void {
    this.#stops.get(id)?.();
  }

  requestKeyFrame(stream: number): void {
    this.#streams.get(stream)?.requestKeyFrame();
  }

  /** Plays a packet on its channel. */
  write({ id, payload, timestamp, marker }: CarriedPacket): void {
    this.#outputs.get(id)?.write(payload, timestamp, marker);
  }

  /** Sends a text on its data producer. */
  sendText(output: number, text: string): void {
    this.#outputs.get(output)?.send(text);
  }

  /** Closes everything that was opened. */
  close(): void {
    this.#closed = true;
    for (const stop of [...this.#stops.values()]) stop();
  }

  #run(message: AskMessage): Promise<MediaRequests[keyof MediaRequests]['answer']> {
    switch (message.request) {
      case 'receiveAudio':
        return this.#receive(message.ask, false).then(() => undefined);
      case 'receiveVideo':
        return this.#receive(message.ask, true).then(({ mimeType, spatialLayers }) => ({ mimeType, spatialLayers }));
      case 'resume':
        return this.#stream(message.ask.stream, (stream) => stream.resume());
      case 'pause':
        return this.#stream(message.ask.stream, (stream) => stream.pause());
      case 'prefer':
        return this.#stream(message.ask.stream, (stream) => stream.prefer(message.ask.spatialLayer));
      case 'sentBytes':
        return this.#sentBytes(message.ask.producerId);
      case 'publishChannel':
        return this.#publishChannel(message.ask);
      case 'publishCaptions':
        return this.#publishCaptions(message.ask);
      default:
        return message satisfies never;
    }
  }

  async #receive(
    { stream: id, producerId }: MediaRequests['receiveAudio']['ask'],
    paused: boolean,
  ): Promise<ReceivedStream> {
    const { media, sendPacket, onReceived } = this.#options;
    let isEnded = false;
    let stream: ReceivedStream | undefined;
    this.#stops.set(id, () => {
      isEnded = true;
      this.#stops.delete(id);
      this.#streams.delete(id);
      stream?.close();
    });
    const onClosed = () => {
      if (isEnded) return;
      this.end(id);
      this.#send({ type: 'lost', id });
    };
    try {
      stream = await media.receive(producerId, paused, {
        onPacket: (packet) => sendPacket({ id, ...packet }),
        onClosed,
      });
    } catch (error) {
      this.#stops.delete(id);
      if (!isEnded) onReceived(producerId, error);
      throw error;
    }
    if (isEnded) {
      stream.close();
      throw new Error('it is no longer wanted');
    }
    this.#streams.set(id, stream);
    onReceived(producerId, undefined);
    return stream;
  }

  async #stream(id: number, run: (stream: ReceivedStream) => Promise<void>): Promise<undefined> {
    const stream = this.#streams.get(id);
    if (!stream) throw new Error('the video is not received any more');
    await run(stream);
  }

  async #sentBytes(producerId: string): Promise<number> {
    const stats = (await this.#options.producer(producerId)?.getStats()) ?? [];
    return stats.reduce((sum, { byteCount }) => sum + byteCount, 0);
  }

  /** A channel that somebody else closes is published again. */
  #publishChannel({ output: id, ...ask }: MediaRequests['publishChannel']['ask']): Promise<undefined> {
    const { media, clock } = this.#options;
    const first = Promise.withResolvers<undefined>();
    let published: ChannelProducer | undefined;
    const stop = keepOpen({
      open: async (onLost) => {
        const channel = await media.publishChannel(roleOf('channel', ask));
        channel.producer.observer.once('close', onLost);
        return channel;
      },
      discard: ({ producer }) => producer.close(),
      onOpened: (channel) => {
        published = channel;
        this.#setOutput(id, { it: channel.producer, write: channel.write, send: () => {} });
        first.resolve(undefined);
      },
      onFailed: (error) => {
        first.reject(error);
        // The interpreter asks again.
        if (!published) this.end(id);
      },
      clock,
    });
    this.#stops.set(id, () => {
      stop();
      this.#removeOutput(id);
      published?.producer.close();
      first.reject(new Error('it is no longer wanted'));
    });
    return first.promise;
  }

  async #publishCaptions({ output: id, label, ...ask }: MediaRequests['publishCaptions']['ask']): Promise<undefined> {
    let isEnded = false;
    this.#stops.set(id, () => {
      isEnded = true;
      this.#stops.delete(id);
    });
    const producer = await this.#options.media.publishCaptions(label, roleOf('captions', ask));
    if (isEnded) {
      producer.close();
      throw new Error('it is no longer wanted');
    }
    this.#stops.set(id, () => {
      isEnded = true;
      this.#removeOutput(id);
      producer.close();
    });
    producer.observer.once('close', () => {
      if (isEnded) return;
      this.#removeOutput(id);
      this.#send({ type: 'lost', id });
    });
    const send = (text: string) => {
      if (!producer.closed) producer.send(text);
    };
    this.#setOutput(id, { it: producer, write: () => {}, send });
  }

  #setOutput(id: number, output: Output): void {
    this.#outputs.set(id, output);
    this.#options.onPublished();
  }

  #removeOutput(id: number): void {
    this.#stops.delete(id);
    if (this.#outputs.delete(id) && !this.#closed) this.#options.onPublished();
  }

  #send(message: HostMessage): void {
    if (!this.#closed) this.#options.send(message);
  }
}

const roleOf = (role: OfferedRole['role'], ask: Pick<OfferedRole, 'language' | 'speaker'>): OfferedRole => ({
  role,
  language: ask.language,
  ...(ask.speaker !== undefined && { speaker: ask.speaker }),
  interpreter: INTERPRETER_ID,
});

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
