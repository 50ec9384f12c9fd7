/**
 * The room as a headless participant sees it: its participants, audio, video and texts that are received, audio and texts that are sent.
 * The interpreter depends on nothing else of the room, so it works with another mediasoup application, or another SFU, that implements
 * this interface.
 */

import type {
  BudgetNotice,
  InterpreterStats,
  LanguageCode,
  ParticipantView,
  Preferences,
  RoomMessage,
} from '@mediasoup-booth/protocol';
import type { ReceivedPacket, ReceivedVideoPacket } from '../../rtp/received-packet.ts';
import type { ConnectionLimiter } from '../session/connection-limiter.ts';
import type { UsageReport } from '../usage/usage-recorder.ts';
import type { VideoCodec } from '../vision/key-frame/key-frame.ts';

export interface RoomEvents {
  /** Called when a participant joined, left, or changed their languages or producers, and when `budget` changed. */
  changed(): void;
  /** Called when media does not get through any more, while new paths are tried, and when it does again. */
  mediaLost?(isLost: boolean): void;
  /** Called once, when the connection has ended; everything that was opened on it is closed then. */
  ended(end: RoomEnd): void;
}

export interface RoomEnd {
  /** A sentence for people. */
  reason: string;
  /** Whether joining again may help. */
  retryable: boolean;
}

export interface RoomConnection {
  /** The id of this participant. */
  readonly self: string;
  readonly participants: ReadonlyMap<string, ParticipantView>;
  /** Captions from before the join, oldest first. */
  readonly recentCaptions: readonly RoomMessage[];
  /** The limiter of the account's connections, which all interpreters of the server share. */
  readonly connectionLimiter: ConnectionLimiter;
  /** A budget of this interpreter that is nearly used up; undefined: there is none. */
  readonly budget: BudgetNotice | undefined;
  /** The room's clock: milliseconds since the room began. */
  now(): number;
  update(preferences: Partial<Preferences>): Promise<void>;
  /** Notifies a participant, and nobody else, that they seem to speak another language than the one they have set. */
  suggest(participantId: string, speaks: LanguageCode): Promise<void>;
  /** Notifies a participant, and the hosts, that they are too quiet to be understood well, or no longer are. */
  setTooQuiet(participantId: string, isTooQuiet: boolean): Promise<void>;
  /** Reports the usage of this interpreter's sessions since the last report, in at most 32 entries. Resolves when it is counted, also before. */
  reportUsage(report: UsageReport): Promise<void>;
  /** Reports statistics of this interpreter for the server's metrics; to be called every few seconds. */
  reportStats(stats: InterpreterStats): Promise<void>;
  /**
   * Receives the Opus packets of a producer, until the producer or the returned `Incoming` is closed. `onLost` is called when that has ended
   * in another way than by `close`.
   */
  receiveAudio(producerId: string, onPacket: (packet: ReceivedPacket) => void, onLost?: () => void): Promise<Incoming>;
  /** Receives the packets of a video, which are sent only between `resume` and `pause`, until its producer or the result is closed. */
  receiveVideo(producerId: string, onPacket: (packet: ReceivedVideoPacket) => void): Promise<IncomingVideo>;
  /** Returns the bytes of a producer that the server has received so far, whether or not they are consumed here. */
  sentBytes(producerId: string): Promise<number>;
  /** Receives the texts of a data producer, in order. */
  receiveTexts(dataProducerId: string, onText: (text: string) => void): Promise<Incoming>;
  /** Publishes a microphone. */
  publishMicrophone(): Promise<AudioOutput>;
  /** Publishes a camera, of one codec. Undefined where this kind of connection shows none. */
  publishCamera?(codec: VideoCodec): Promise<VideoOutput>;
  /** Publishes the audio channel of a language; with `speaker`, one that carries the translation of this speaker only. */
  publishChannel(language: LanguageCode, speaker?: string): Promise<AudioOutput>;
  /** Publishes the captions of a language; a data channel that could not be opened, or was lost, is opened again. */
  publishCaptions(language: LanguageCode, events?: TextOutputEvents): TextOutput;
  /** Leaves the room. `ended` is called then, too. */
  close(): void;
}

/** Something that is received. `close` may be called at any time and more than once. */
export interface Incoming {
  /** Packets that were requested again by NACK; undefined for texts and video, which do not count them. */
  readonly nackedPackets?: number;
  /** Packets that were dropped because there were too many in a second; undefined for texts and video. */
  readonly droppedPackets?: number;
  close(): void;
}

/** A video that is paused on the server, so that it costs nothing, until it is resumed. */
export interface IncomingVideo extends Incoming {
  readonly codec: VideoCodec;
  /** Number of sizes in which the video is sent. */
  readonly spatialLayers: number;
  /** Starts to receive packets, from a key frame on, which is requested from the sender. */
  resume(): Promise<void>;
  pause(): Promise<void>;
  /** Sets the largest size to receive; 0 is the smallest. */
  prefer(spatialLayer: number): Promise<void>;
  requestKeyFrame(): void;
}

export interface AudioOutput {
  /** Sends an Opus packet; the timestamp is in 48 kHz units. */
  write(payload: Uint8Array, timestamp: number, marker: boolean): void;
  close(): void;
}

export interface VideoOutput {
  /** Sends the RTP payload of a part of a frame; the timestamp is in 90 kHz units, the marker ends a frame. */
  write(payload: Uint8Array, timestamp: number, marker: boolean): void;
  close(): void;
}

/** Sends texts to all who receive a data producer. Texts may be sent at once: they wait, within bounds, until the channel is open. */
export interface TextOutput {
  /** Resolves when other participants can receive it. Rejects if the first attempt to open it failed, or it was closed before. */
  readonly opened: Promise<void>;
  /** Sends a text, in order; a newer text may replace an unsent one with the same key. */
  send(text: string, key?: string): void;
  close(): void;
}

/** What becomes of a text output after it was created. */
export interface TextOutputEvents {
  /** Others can receive it, for the first time or again. */
  opened(): void;
  /** It could not be opened; the next attempt follows in `retryInMs`. */
  failed(error: unknown, retryInMs: number): void;
}
