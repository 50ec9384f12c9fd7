/**
 * A room of the host's, as the interpreter in another thread sees it: what it receives and publishes is done by the host, who is asked over
 * the threads' port.
 */
import {
  type BudgetNotice,
  CAPTIONS_LABEL,
  type InterpreterStats,
  type LanguageCode,
  type ParticipantView,
} from '@mediasoup-booth/protocol';
import type { ReceivedPacket, ReceivedVideoPacket } from '../../rtp/received-packet.ts';
import type { Clock } from '../../time/clock.ts';
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
import type { CarriedPacket } from './packet-batch.ts';
import type { RoomConnectionLimiter, ThreadAccount } from './thread-account.ts';
import {
  INTERPRETER_ID,
  type InterpreterThreadMessage,
  type MediaRequest,
  type MediaRequests,
  type RoomSetup,
} from './thread-messages.ts';

/** What a room needs of its thread. */
export interface ThreadLink {
  send(message: InterpreterThreadMessage): void;
  sendPacket(packet: CarriedPacket): void;
  /** Asks the host. @throws what the host reports */
  ask<R extends MediaRequest>(
    room: number,
    request: R,
    ask: MediaRequests[R]['ask'],
  ): Promise<MediaRequests[R]['answer']>;
  newId(): number;
  /** Where the packets of a stream go; `onLost` is called when the stream, or an output, has ended by itself. */
  register(id: number, onPacket: (packet: ReceivedVideoPacket) => void, onLost: () => void): void;
  unregister(id: number): void;
}

export interface ThreadRoomOptions {
  room: number;
  setup: Pick<RoomSetup, 'name' | 'elapsedMs'>;
  link: ThreadLink;
  account: ThreadAccount;
  clock: Clock;
}

export class ThreadRoom implements RoomConnection {
  readonly self = INTERPRETER_ID;
  readonly participants = new Map<string, ParticipantView>();
  readonly recentCaptions = [];
  readonly connectionLimiter: RoomConnectionLimiter;
  readonly #options: ThreadRoomOptions;
  readonly #openedMs: number;

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
    const { stream, close } = this.#openStream(onPacket, onLost);
    await this.#ask('receiveAudio', { stream, producerId }).catch(closing(close));
    return { close };
  }

  async receiveVideo(producerId: string, onPacket: (packet: ReceivedVideoPacket) => void): Promise<IncomingVideo> {
    const { stream, close } = this.#openStream(onPacket, () => {});
    const { mimeType, spatialLayers } = await this.#ask('receiveVideo', { stream, producerId }).catch(closing(close));
    const codec = codecOf(mimeType);
    if (!codec) {
      close();
      throw new Error(`the video codec ${mimeType} is not supported`);
    }
    return {
      codec,
      spatialLayers,
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

  async publishChannel(language: LanguageCode, speaker?: string): Promise<AudioOutput> {
    const output = this.#options.link.newId();
    const close = once(() => this.#send({ type: 'end', room: this.#room, id: output }));
    await this.#ask('publishChannel', { output, language, ...(speaker !== undefined && { speaker }) }).catch(
      closing(close),
    );
    return {
      write: (payload, timestamp, marker) =>
        this.#options.link.sendPacket({
          id: output,
          sequenceNumber: 0,
          timestamp,
          marker,
          audioLevel: undefined,
          payload,
        }),
      close,
    };
  }

  publishCaptions(language: LanguageCode, events?: TextOutputEvents): TextOutput {
    const { link, clock } = this.#options;
    const open = async (onLost: () => void) => {
      const output = link.newId();
      const close = once(() => {
        channel.readyState = 'closed';
        link.unregister(output);
        this.#send({ type: 'end', room: this.#room, id: output });
      });
      const channel = {
        readyState: 'open',
        bufferedAmount: 0,
        send: (text: string) => this.#send({ type: 'text', room: this.#room, output, text }),
      };
      link.register(
        output,
        () => {},
        () => {
          close();
          onLost();
        },
      );
      await this.#ask('publishCaptions', { output, language, label: CAPTIONS_LABEL }).catch(closing(close));
      return { channel, close };
    };
    return new PersistentTextOutput({ open, clock, events });
  }

  /** Releases what the room holds of the account. */
  close(): void {
    this.connectionLimiter.close();
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

  #openStream(onPacket: (packet: ReceivedVideoPacket) => void, onLost: () => void) {
    const { link } = this.#options;
    const stream = link.newId();
    const close = once(() => {
      link.unregister(stream);
      this.#send({ type: 'end', room: this.#room, id: stream });
    });
    link.register(stream, onPacket, () => {
      close();
      onLost();
    });
    return { stream, close };
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
