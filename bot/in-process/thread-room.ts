/**
 * A room of the host's, as the interpreter in another thread sees it. What it receives and publishes is opened by the host, who is asked over
 * the threads' port; its packets go over a socket of this thread, which is opened with the first of it, and again when the transport at its
 * other end was closed.
 */
import { randomInt } from 'node:crypto';
import {
  type BudgetNotice,
  CAPTIONS_LABEL,
  type InterpreterStats,
  type LanguageCode,
  type ParticipantView,
} from '@mediasoup-booth/protocol';
import type { ReceivedPacket, ReceivedVideoPacket } from '../../rtp/received-packet.ts';
import { writeRtpPacket } from '../../rtp/rtp-packet.ts';
import type { Clock } from '../../time/clock.ts';
import { keepOpen } from '../../time/keep-open.ts';
import { PersistentTextOutput } from '../room/persistent-text-output.ts';
import type {
  AudioOutput,
  Incoming,
  IncomingVideo,
  RoomConnection,
  TextOutput,
  TextOutputEvents,
} from '../room/room-connection.ts';
import type { UsageReport } from '../usage/usage-recorder.ts';
import { codecOf } from '../vision/key-frame/key-frame.ts';
import { MediaSocket } from './media-socket.ts';
import type { RoomConnectionLimiter, ThreadAccount } from './thread-account.ts';
import {
  INTERPRETER_ID,
  type InterpreterThreadMessage,
  type MediaRequest,
  type MediaRequests,
  type ReceivedFormat,
  type RoomSetup,
} from './thread-messages.ts';

/** What a room needs of its thread. */
export interface ThreadLink {
  send(message: InterpreterThreadMessage): void;
  /** Asks the host. @throws what the host reports */
  ask<R extends MediaRequest>(
    room: number,
    request: R,
    ask: MediaRequests[R]['ask'],
  ): Promise<MediaRequests[R]['answer']>;
  newId(): number;
  /** `onLost` is called when a transport, a stream or an output has ended by itself. */
  register(id: number, onLost: () => void): void;
  unregister(id: number): void;
}

export interface ThreadRoomOptions {
  room: number;
  setup: Pick<RoomSetup, 'name' | 'elapsedMs'>;
  link: ThreadLink;
  account: ThreadAccount;
  clock: Clock;
}

interface RoomMedia {
  socket: MediaSocket;
  /** The number of the transport at its other end. */
  transport: number;
}

export class ThreadRoom implements RoomConnection {
  readonly self = INTERPRETER_ID;
  readonly participants = new Map<string, ParticipantView>();
  readonly recentCaptions = [];
  readonly connectionLimiter: RoomConnectionLimiter;
  readonly #options: ThreadRoomOptions;
  readonly #openedMs: number;
  #socket: MediaSocket | undefined;
  #media: Promise<RoomMedia> | undefined;
  #closed = false;

  constructor(options: ThreadRoomOptions) {
    this.#options = options;
    this.#openedMs = options.clock.now() - options.setup.elapsedMs;
    this.connectionLimiter = options.account.limiter();
  }

  get budget(): BudgetNotice | undefined {
    return this.#options.account.notice;
  }

  setParticipants(participants: readonly ParticipantView[]): void {
    this.participants.clear();
    for (const participant of participants) this.participants.set(participant.id, participant);
  }

  now(): number {
    return this.#options.clock.now() - this.#openedMs;
  }

  /** The interpreter has no preferences that anybody in the room would see. */
  async update(): Promise<void> {}

  async suggest(person: string, speaks: LanguageCode): Promise<void> {
    this.#send({ type: 'suggestion', room: this.#room, person, speaks });
  }

  async setTooQuiet(person: string, isTooQuiet: boolean): Promise<void> {
    this.#send({ type: 'tooQuiet', room: this.#room, person, isTooQuiet });
  }

  async reportUsage({ entries }: UsageReport): Promise<void> {
    this.#options.account.report(this.#room, this.#options.setup.name, entries);
  }

  async reportStats(stats: InterpreterStats): Promise<void> {
    this.#send({ type: 'stats', room: this.#room, stats });
  }

  async receiveAudio(
    producerId: string,
    onPacket: (packet: ReceivedPacket) => void,
    onLost = () => {},
  ): Promise<Incoming> {
    const { close } = await this.#receive('receiveAudio', producerId, onPacket, onLost);
    return { close };
  }

  async receiveVideo(producerId: string, onPacket: (packet: ReceivedVideoPacket) => void): Promise<IncomingVideo> {
    const { stream, format, close } = await this.#receive('receiveVideo', producerId, onPacket, () => {});
    const codec = codecOf(format.mimeType);
    if (!codec) {
      close();
      throw new Error(`the video codec ${format.mimeType} is not supported`);
    }
    return {
      codec,
      spatialLayers: format.spatialLayers,
      resume: () => this.#ask('resume', { stream }),
      pause: () => this.#ask('pause', { stream }),
      prefer: (spatialLayer) => this.#ask('prefer', { stream, spatialLayer }),
      requestKeyFrame: () => this.#send({ type: 'requestKeyFrame', room: this.#room, stream }),
      close,
    };
  }

  sentBytes(producerId: string): Promise<number> {
    return this.#ask('sentBytes', { producerId });
  }

  receiveTexts(): Promise<Incoming> {
    return Promise.reject(new Error('an interpreter in process receives no texts'));
  }

  publishMicrophone(): Promise<AudioOutput> {
    return Promise.reject(new Error('an interpreter in process has no microphone'));
  }

  /** A channel that somebody else closes is published again. */
  publishChannel(language: LanguageCode, speaker?: string): Promise<AudioOutput> {
    const first = Promise.withResolvers<AudioOutput>();
    let channel: AudioOutput | undefined;
    const output: AudioOutput = {
      write: (payload, timestamp, marker) => channel?.write(payload, timestamp, marker),
      close: () => {
        stop();
        channel?.close();
      },
    };
    let isPublished = false;
    const stop = keepOpen({
      open: (onLost) =>
        this.#openChannel(language, speaker, () => {
          channel = undefined;
          onLost();
        }),
      discard: ({ close }) => close(),
      onOpened: (opened) => {
        channel = opened;
        isPublished = true;
        first.resolve(output);
      },
      onFailed: (error) => {
        // Whoever has asked for the channel asks again.
        if (!isPublished) stop();
        first.reject(error);
      },
      clock: this.#options.clock,
    });
    return first.promise;
  }

  publishCaptions(language: LanguageCode, events?: TextOutputEvents): TextOutput {
    const { clock } = this.#options;
    const open = async (onLost: () => void) => {
      const { id: output, close } = this.#open(onLost, () => {
        channel.readyState = 'closed';
      });
      const channel = {
        readyState: 'open',
        bufferedAmount: 0,
        send: (text: string) => this.#send({ type: 'text', room: this.#room, output, text }),
      };
      await this.#ask('publishCaptions', { output, language, label: CAPTIONS_LABEL }).catch(closing(close));
      return { channel, close };
    };
    return new PersistentTextOutput({ open, clock, events });
  }

  /** Closes its socket, and releases what the room holds of the account. */
  close(): void {
    this.#closed = true;
    this.connectionLimiter.close();
    this.#socket?.close();
  }

  get #room(): number {
    return this.#options.room;
  }

  #send(message: InterpreterThreadMessage): void {
    this.#options.link.send(message);
  }

  #ask<R extends MediaRequest>(request: R, ask: MediaRequests[R]['ask']): Promise<MediaRequests[R]['answer']> {
    return this.#options.link.ask(this.#room, request, ask);
  }

  async #receive(
    request: 'receiveAudio' | 'receiveVideo',
    producerId: string,
    onPacket: (packet: ReceivedVideoPacket) => void,
    onLost: () => void,
  ): Promise<{ stream: number; format: ReceivedFormat; close(): void }> {
    const { socket, transport } = await this.#openMedia();
    let isClosed = false;
    let stop = () => {};
    const { id: stream, close } = this.#open(onLost, () => {
      isClosed = true;
      stop();
    });
    // What comes before the answer cannot be told from anything else, and is dropped: some milliseconds of a stream that begins anywhere.
    const format = await this.#ask(request, { transport, stream, producerId }).catch(closing(close));
    if (!isClosed) stop = socket.receive(format, onPacket);
    return { stream, format, close };
  }

  async #openChannel(language: LanguageCode, speaker: string | undefined, onLost: () => void): Promise<AudioOutput> {
    const { socket, transport } = await this.#openMedia();
    const { id: output, close } = this.#open(onLost, () => {});
    const ssrc = randomInt(1, 2 ** 32);
    const whose = { language, ...(speaker !== undefined && { speaker }) };
    const payloadType = await this.#ask('publishChannel', { transport, output, ssrc, ...whose }).catch(closing(close));
    let sequenceNumber = randomInt(2 ** 15);
    return {
      write: (payload, timestamp, marker) => {
        socket.send(writeRtpPacket({ ssrc, payloadType, sequenceNumber, timestamp, marker, payload }));
        sequenceNumber = (sequenceNumber + 1) % 2 ** 16;
      },
      close,
    };
  }

  #openMedia(): Promise<RoomMedia> {
    if (this.#closed) return Promise.reject(new Error('the room is closed'));
    this.#media ??= this.#connectMedia();
    return this.#media;
  }

  async #connectMedia(): Promise<RoomMedia> {
    const socket = new MediaSocket();
    this.#socket = socket;
    const { id: transport, close } = this.#open(
      () => {},
      () => {
        socket.close();
        if (this.#socket !== socket) return;
        this.#socket = undefined;
        this.#media = undefined;
      },
    );
    await socket.connect((port) => this.#ask('openTransport', { transport, port })).catch(closing(close));
    return { socket, transport };
  }

  /** Something that the host opens: `onLost` is called when it has ended by itself, and `onClosed` in any case. */
  #open(onLost: () => void, onClosed: () => void): { id: number; close(): void } {
    const { link } = this.#options;
    const id = link.newId();
    const close = once(() => {
      onClosed();
      link.unregister(id);
      this.#send({ type: 'end', room: this.#room, id });
    });
    link.register(id, () => {
      close();
      onLost();
    });
    return { id, close };
  }
}

const closing =
  (close: () => void) =>
  (error: unknown): never => {
    close();
    throw error;
  };

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
