/**
 * A meeting as a headless participant sees it: who is there, sound and pictures in, sound and texts out. The interpreter knows no more of
 * the meeting than this, so another mediasoup application (or another SFU) joins in by implementing it.
 */
import type { InterpreterStats } from '../../protocol/interpreter-stats.ts';
import type { LanguageCode } from '../../protocol/languages.ts';
import type { RoomMessage } from '../../protocol/room-messages.ts';
import type { ParticipantView, Preferences } from '../../protocol/rooms.ts';
import type { BudgetNotice, UsageEntry } from '../../protocol/usage.ts';
import type { ConnectionLimiter } from '../session/connection-limiter.ts';
import type { VideoCodec } from '../vision/key-frame/key-frame.ts';
import type { ReceivedPacket, ReceivedVideoPacket } from '../webrtc/media-track.ts';

export interface RoomEvents {
  /** Somebody came, went, or changed what they say, hear, read or publish; or what is left of the budget changed. */
  changed(): void;
  /** Once: the connection is over, and everything that was opened on it is closed. */
  ended(end: RoomEnd): void;
}

export interface RoomEnd {
  /** For people. */
  reason: string;
  /** Whether joining again may help. */
  retryable: boolean;
}

export interface RoomConnection {
  /** Our own id among the participants. */
  readonly self: string;
  readonly participants: ReadonlyMap<string, ParticipantView>;
  /** What was captioned before we joined, oldest first. */
  readonly recentCaptions: readonly RoomMessage[];
  /** The account's, which all interpreters of the server share. */
  readonly connectionLimiter: ConnectionLimiter;
  /** A budget that bounds us and is near its end; undefined: there is room. */
  readonly budget: BudgetNotice | undefined;
  /** The room's clock: milliseconds since the room began. */
  now(): number;
  update(preferences: Partial<Preferences>): Promise<void>;
  /** Somebody seems to speak another language than they say: they alone are told. */
  suggest(participantId: string, speaks: LanguageCode): Promise<void>;
  /** What our sessions took since the last report; at most 32 entries. Settles when it is counted. */
  reportUsage(entries: readonly UsageEntry[]): Promise<void>;
  /** How the interpreter is doing, every few seconds: for the server's metrics. */
  reportStats(stats: InterpreterStats): Promise<void>;
  /** Opus packets of a producer, until it or we close it. */
  receiveAudio(producerId: string, onPacket: (packet: ReceivedPacket) => void): Promise<Incoming>;
  /** Packets of a video, which are sent only between its `resume` and its `pause`; until its producer or we close it. */
  receiveVideo(producerId: string, onPacket: (packet: ReceivedVideoPacket) => void): Promise<IncomingVideo>;
  /** How much of a producer has come to the server so far, received or not. */
  sentBytes(producerId: string): Promise<number>;
  /** Texts of a data producer, in order. */
  receiveTexts(dataProducerId: string, onText: (text: string) => void): Promise<Incoming>;
  /** Our microphone. */
  publishMicrophone(): Promise<AudioOutput>;
  /** The audio channel of a language, for all to hear; `speaker`: of that speaker's translation alone. */
  publishChannel(language: LanguageCode, speaker?: string): Promise<AudioOutput>;
  /** The caption channel of a language, for all to read. */
  publishCaptions(language: LanguageCode): TextOutput;
  /** Leaves; `ended` is called too. */
  close(): void;
}

/** `close` is safe at any time, any number of times. */
export interface Incoming {
  /** Packets requested again by NACK; undefined: it does not count them. */
  readonly nackedPackets?: number;
  close(): void;
}

/** A video that is paused on the server, so that it costs nothing, until it is resumed. */
export interface IncomingVideo extends Incoming {
  readonly codec: VideoCodec;
  /** In how many sizes it is sent. */
  readonly spatialLayers: number;
  /** Begins with a key frame, which its sender is asked for. */
  resume(): Promise<void>;
  pause(): Promise<void>;
  /** The largest size that is wanted; 0: the smallest. */
  prefer(spatialLayer: number): Promise<void>;
  requestKeyFrame(): void;
}

export interface AudioOutput {
  /** An Opus packet; the timestamp is in 48 kHz units. */
  write(payload: Uint8Array, timestamp: number, marker: boolean): void;
  close(): void;
}

/** Texts to all who receive a data producer. It can be used at once: what is sent before it is open waits, within bounds. */
export interface TextOutput {
  /** Resolves when others can find it; rejects if it could not be opened, and then nothing is sent. */
  readonly opened: Promise<void>;
  /** In order; a newer text may take the place of an unsent one with the same key. */
  send(text: string, key?: string): void;
  close(): void;
}
