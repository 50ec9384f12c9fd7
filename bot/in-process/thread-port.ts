/**
 * One end of the message port between the host's thread and the interpreter's. What is sent in one turn of the event loop goes as one message,
 * the packets among it in a buffer that is transferred.
 *
 * Bounded: while the other end has not taken 4000 packets, which are 10 s of eight microphones, further packets are dropped and
 * counted. Messages are few, and are not dropped: the thread that does not take them is ended (`interpreter-thread.ts`).
 */
import { type CarriedPacket, PacketBatch, packetsIn } from './packet-batch.ts';

const MAX_UNTAKEN_PACKETS = 4000;
/** The other end is told that packets were taken with the next message, and when there are so many. */
const ACKNOWLEDGE_EVERY = 256;

interface Envelope<Message> {
  messages: Message[];
  packets?: Uint8Array<ArrayBuffer>;
  /** How many packets were taken since the last message. */
  taken: number;
}

export interface ThreadPortOptions<In> {
  /** Posts to the other end, as a `MessagePort` does. */
  post(envelope: unknown, transfer: ArrayBuffer[]): void;
  onMessage(message: In): void;
  onPacket(packet: CarriedPacket & { payload: Buffer }): void;
  /** Calls `run` at the end of this turn of the event loop. Default: `setImmediate`. */
  schedule?(run: () => void): void;
}

export class ThreadPort<In, Out> {
  readonly #options: ThreadPortOptions<In>;
  #messages: Out[] = [];
  readonly #batch = new PacketBatch();
  /** Packets that were sent and not acknowledged. */
  #untaken = 0;
  /** Packets that were received and not acknowledged. */
  #taken = 0;
  #isScheduled = false;
  #closed = false;
  #dropped = 0;

  constructor(options: ThreadPortOptions<In>) {
    this.#options = options;
  }

  /** Packets that were dropped because the other end did not keep up. */
  get dropped(): number {
    return this.#dropped;
  }

  send(message: Out): void {
    if (this.#closed) return;
    this.#messages.push(message);
    this.#schedule();
  }

  sendPacket(packet: CarriedPacket): void {
    if (this.#closed) return;
    if (this.#untaken >= MAX_UNTAKEN_PACKETS) {
      this.#dropped++;
      return;
    }
    this.#untaken++;
    this.#batch.push(packet);
    this.#schedule();
  }

  /** Takes what the other end has posted. */
  receive(envelope: unknown): void {
    if (this.#closed) return;
    const { messages, packets, taken } = envelope as Envelope<In>;
    this.#untaken -= taken;
    for (const message of messages) this.#options.onMessage(message);
    if (!packets) return;
    for (const packet of packetsIn(packets)) {
      this.#taken++;
      this.#options.onPacket(packet);
    }
    if (this.#taken >= ACKNOWLEDGE_EVERY) this.#schedule();
  }

  /** Sends what waits now. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#closed) return;
    const envelope: Envelope<Out> = { messages: this.#messages, taken: this.#taken };
    this.#messages = [];
    this.#taken = 0;
    if (this.#batch.count === 0) {
      this.#options.post(envelope, []);
      return;
    }
    envelope.packets = this.#batch.take();
    this.#options.post(envelope, [envelope.packets.buffer]);
  }

  /** Nothing is sent or received any more. */
  close(): void {
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    (this.#options.schedule ?? setImmediate)(() => this.flush());
  }
}
