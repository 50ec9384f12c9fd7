/**
 * Does what the interpreter's thread asks of one room's router, for as long as that thread lives: opens a transport to it, receives
 * producers, publishes channels and captions. Owns what was opened for the thread. What was asked by a thread that has ended is closed when
 * it is open, and answered to nobody.
 */
import type { Consumer, PlainTransport, Producer } from 'mediasoup/types';
import type { Offered, OfferedRole } from './room-options.ts';
import { formatOf, type RouterMedia } from './router-media.ts';
import {
  type AskMessage,
  type HostMessage,
  INTERPRETER_ID,
  type MediaRequests,
  type ReceivedFormat,
} from './thread-messages.ts';

export interface InterpreterRequestsOptions {
  media: RouterMedia;
  producer(id: string): Producer | undefined;
  send(message: HostMessage): void;
  /** What is published has changed. */
  onPublished(): void;
  /** A producer could not be received; undefined: it is received. */
  onReceived(producerId: string, error: unknown): void;
}

/** What mediasoup opens. */
interface Opened {
  readonly closed: boolean;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
  close(): void;
}

export class InterpreterRequests {
  readonly #options: InterpreterRequestsOptions;
  readonly #transports = new Map<number, PlainTransport>();
  readonly #consumers = new Map<number, Consumer>();
  readonly #outputs = new Map<number, { it: Offered; send(text: string): void }>();
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

  /** A transport, stream or output is no longer wanted. */
  end(id: number): void {
    this.#stops.get(id)?.();
  }

  requestKeyFrame(stream: number): void {
    this.#consumers
      .get(stream)
      ?.requestKeyFrame()
      .catch(() => {});
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
      case 'openTransport':
        return this.#openTransport(message.ask);
      case 'receiveAudio':
        return this.#receive(message.ask, false);
      case 'receiveVideo':
        return this.#receive(message.ask, true);
      case 'resume':
        return this.#withConsumer(message.ask.stream, (consumer) => consumer.resume());
      case 'pause':
        return this.#withConsumer(message.ask.stream, (consumer) => consumer.pause());
      case 'prefer': {
        const { stream, spatialLayer } = message.ask;
        return this.#withConsumer(stream, (consumer) => consumer.setPreferredLayers({ spatialLayer }));
      }
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

  async #openTransport({ transport: id, port }: MediaRequests['openTransport']['ask']): Promise<number> {
    const transport = await this.#open(
      id,
      () => this.#options.media.connect(port),
      () => this.#transports.delete(id),
    );
    this.#transports.set(id, transport);
    return transport.tuple.localPort;
  }

  async #receive(
    { transport, stream, producerId }: MediaRequests['receiveAudio']['ask'],
    paused: boolean,
  ): Promise<ReceivedFormat> {
    const { media, onReceived } = this.#options;
    const consumer = await this.#open(
      stream,
      () => media.receive(this.#transport(transport), producerId, paused),
      () => this.#consumers.delete(stream),
      (error) => onReceived(producerId, error),
    );
    this.#consumers.set(stream, consumer);
    onReceived(producerId, undefined);
    return formatOf(consumer);
  }

  async #withConsumer(stream: number, run: (consumer: Consumer) => Promise<void>): Promise<undefined> {
    const consumer = this.#consumers.get(stream);
    if (!consumer) throw new Error('the video is not received any more');
    await run(consumer);
  }

  async #sentBytes(producerId: string): Promise<number> {
    const stats = (await this.#options.producer(producerId)?.getStats()) ?? [];
    return stats.reduce((sum, { byteCount }) => sum + byteCount, 0);
  }

  async #publishChannel({ transport, output, ssrc, ...ask }: MediaRequests['publishChannel']['ask']): Promise<number> {
    const role = roleOf('channel', ask);
    const producer = await this.#open(
      output,
      () => this.#options.media.publishChannel(this.#transport(transport), ssrc, role),
      () => this.#removeOutput(output),
    );
    this.#setOutput(output, { it: producer, send: () => {} });
    return producer.rtpParameters.codecs[0]?.payloadType ?? 0;
  }

  async #publishCaptions({ output, label, ...ask }: MediaRequests['publishCaptions']['ask']): Promise<undefined> {
    const producer = await this.#open(
      output,
      () => this.#options.media.publishCaptions(label, roleOf('captions', ask)),
      () => this.#removeOutput(output),
    );
    const send = (text: string) => {
      if (!producer.closed) producer.send(text);
    };
    this.#setOutput(output, { it: producer, send });
  }

  /**
   * Opens something that is closed when the thread ends it, and told as lost when it closes by itself.
   *
   * @param onEnded it is closed, in one way or the other
   * @param onFailed it could not be opened while it was still wanted
   */
  async #open<T extends Opened>(
    id: number,
    open: () => Promise<T>,
    onEnded: () => void,
    onFailed?: (error: unknown) => void,
  ): Promise<T> {
    let isEnded = false;
    let opened: T | undefined;
    const end = () => {
      isEnded = true;
      this.#stops.delete(id);
      onEnded();
      opened?.close();
    };
    this.#stops.set(id, end);
    try {
      opened = await open();
      if (opened.closed) throw new Error('it was closed at once');
    } catch (error) {
      this.#stops.delete(id);
      if (!isEnded) onFailed?.(error);
      throw error;
    }
    if (isEnded) {
      opened.close();
      throw new Error('it is no longer wanted');
    }
    opened.observer.once('close', () => {
      if (isEnded) return;
      end();
      this.#send({ type: 'lost', id });
    });
    return opened;
  }

  /** @throws where it has closed: the thread is told, and opens another */
  #transport(id: number): PlainTransport {
    const transport = this.#transports.get(id);
    if (!transport) throw new Error('the transport was closed');
    return transport;
  }

  #setOutput(id: number, output: { it: Offered; send(text: string): void }): void {
    this.#outputs.set(id, output);
    this.#options.onPublished();
  }

  #removeOutput(id: number): void {
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
