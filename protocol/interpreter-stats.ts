/**
 * How an interpreter is doing, as it reports it to the server every few seconds: counters count from the interpreter's start and never
 * decrease, samples are those since the report before. It names no person: a speaker is the id of a participant.
 */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const totalMs = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);
/** Samples in milliseconds: the latest 64 where there were more since the report before. */
const samplesMs = z.array(z.number().nonnegative().max(86_400_000)).max(64);

/** Opus packets of one microphone. */
export const PacketStats = z.object({
  received: count,
  /** Dropped before they were decrypted, because the microphone sent too many in a second. */
  dropped: count,
  /** Requested again from the server by NACK. */
  nacked: count,
  /** Missing when their time to be decoded had come. */
  lost: count,
  /** Lost packets that were recovered from the in-band FEC of the next packet; the other lost packets were concealed. */
  repaired: count,
  /** Packets that arrived after they had been counted as lost, or twice. */
  late: count,
  /** Errors of the decoder: a packet that is not Opus causes one, or two where the packet before it was lost. */
  decodeErrors: count,
  /** Packets that were no recording of anything, and were replaced by silence. */
  garbage: count,
});
export type PacketStats = z.infer<typeof PacketStats>;

export const SpeakerStats = z.object({
  /** The participant's id. */
  speaker: z.string().max(64),
  packets: PacketStats,
  /** Milliseconds of speech that were dropped because no session took them in time, in all languages. */
  speechDroppedMs: totalMs,
  /** Milliseconds of speech that wait for a session just now, in the language in which the most waits. */
  speechWaitingMs: totalMs,
  /** Milliseconds silenced because they were the echo of a channel. */
  echoSuppressedMs: totalMs,
});
export type SpeakerStats = z.infer<typeof SpeakerStats>;

/** One language's channel: what is heard of it, and how late. */
export const ChannelStats = z.object({
  language: LanguageCode,
  playedMs: totalMs,
  /** Speech that waited longer than `interpretation.maxLagMs` and was not said. */
  skippedMs: totalMs,
  underruns: count,
  queueDelayMs: samplesMs,
  earVoiceSpanMs: samplesMs,
});
export type ChannelStats = z.infer<typeof ChannelStats>;

/** The number of errors of translation sessions by class. `account`: key or balance; `content`: filtered by the service. */
export const SessionErrors = z.object({
  config: count,
  account: count,
  throttle: count,
  transient: count,
  content: count,
});
export type SessionErrors = z.infer<typeof SessionErrors>;

export const InterpreterStats = z.object({
  speakers: z.array(SpeakerStats).max(64),
  channels: z.array(ChannelStats).max(64),
  sessions: z.object({ open: count, opened: count, errors: SessionErrors }),
  /** Languages whose captions could not be published so far, and with them the states that people are told. Absent: none. */
  unreadable: z.array(LanguageCode).max(64).optional(),
  /**
   * How late the event loop of the interpreter's thread has lately been in 99 of 100 turns at most, in milliseconds. At a few hundred, packets
   * are lost. Absent: it was not measured.
   */
  eventLoopDelayMs: totalMs.optional(),
  /**
   * Interpretations that get captions without a voice, and that wait, because the interpreter's thread is overloaded. Absent: it takes on
   * whatever is wanted.
   */
  heldBack: z.object({ captions: count, waiting: count }).optional(),
});
export type InterpreterStats = z.infer<typeof InterpreterStats>;

/** The middle and the 95th percentile of what was lately measured, in milliseconds. */
const Percentiles = z.object({ p50: z.number(), p95: z.number() });
export type Percentiles = z.infer<typeof Percentiles>;

/** `stats` of an interpreter, as REST shows it: the last report, with what was lately measured summed up. */
export const InterpreterStatsView = z.object({
  /** Milliseconds since the room began. */
  reportedAt: z.number(),
  speakers: z.array(SpeakerStats),
  channels: z.array(
    ChannelStats.omit({ queueDelayMs: true, earVoiceSpanMs: true }).extend({
      /** Absent until something was said. */
      queueDelayMs: Percentiles.optional(),
      earVoiceSpanMs: Percentiles.optional(),
    }),
  ),
  sessions: InterpreterStats.shape.sessions,
  eventLoopDelayMs: InterpreterStats.shape.eventLoopDelayMs,
  heldBack: InterpreterStats.shape.heldBack,
});
export type InterpreterStatsView = z.infer<typeof InterpreterStatsView>;
