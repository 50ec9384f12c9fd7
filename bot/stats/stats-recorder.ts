/**
 * Counts what happens to one interpreter's packets, speech, sessions and channels, for its reports.
 *
 * Hard requirement: counters never decrease, also when a speaker leaves and returns. At most 64 speakers and 64 languages are
 * counted, the latest ones; of the samples between two reports the latest 64 of each language are kept.
 */

import type {
  ChannelStats,
  InterpreterStats,
  LanguageCode,
  SessionErrors,
  SpeakerStats,
} from '@mediasoup-booth/protocol';
import { BoundedMap } from '../../collections/bounded-map.ts';
import type { PlayoutTotals } from '../playout/playout-queue.ts';

const MAX_SPEAKERS = 64;
const MAX_LANGUAGES = 64;
const MAX_SAMPLES = 64;

type Delays = Pick<ChannelStats, 'queueDelayMs' | 'earVoiceSpanMs'>;

/** Receives delays when they are measured. */
export interface DelayRecorder {
  record(language: LanguageCode, kind: keyof Delays, ms: number): void;
}

/** The counts that are read when a report is due. */
export interface CurrentCounts {
  /** The counts of the speakers who are received now. */
  speakers: readonly SpeakerStats[];
  /** The counts of each track; a language has several if every speaker has a track of their own. */
  channels: readonly { language: LanguageCode; counts: Readonly<PlayoutTotals> }[];
  openSessions: number;
  /** The languages whose captions could not be published so far. Default: none. */
  unreadable?: readonly LanguageCode[];
  /** How late the event loop is; see `InterpreterStats`. Default: it is not measured. */
  eventLoopDelayMs?: number | undefined;
  /** Interpretations that the thread has no room for; see `InterpreterStats`. Default: it is not decided. */
  heldBack?: InterpreterStats['heldBack'] | undefined;
}

export class StatsRecorder implements DelayRecorder {
  /** The totals of speakers who are not received any more. */
  readonly #departed = new BoundedMap<string, SpeakerStats>(MAX_SPEAKERS);
  readonly #delays = new BoundedMap<LanguageCode, Delays>(MAX_LANGUAGES);
  readonly #errors: SessionErrors = { config: 0, account: 0, throttle: 0, transient: 0, content: 0 };
  #opened = 0;

  record(language: LanguageCode, kind: keyof Delays, ms: number): void {
    const delays = this.#delays.get(language) ?? { queueDelayMs: [], earVoiceSpanMs: [] };
    this.#delays.set(language, delays);
    delays[kind].push(Math.max(0, ms));
    if (delays[kind].length > MAX_SAMPLES) delays[kind].shift();
  }

  sessionOpened(): void {
    this.#opened++;
  }

  sessionFailed(kind: keyof SessionErrors): void {
    this.#errors[kind]++;
  }

  /** A speaker is no longer received: their counters are kept in case they return. */
  speakerRemoved(stats: SpeakerStats): void {
    const total = sum(this.#departed.get(stats.speaker), { ...stats, speechWaitingMs: 0 });
    this.#departed.delete(stats.speaker);
    this.#departed.set(stats.speaker, total);
  }

  /** The report that is due now; the samples in it are not reported again. */
  snapshot({
    speakers,
    channels,
    openSessions,
    unreadable = [],
    eventLoopDelayMs,
    heldBack,
  }: CurrentCounts): InterpreterStats {
    const totals = new Map(this.#departed);
    for (const stats of speakers) totals.set(stats.speaker, sum(totals.get(stats.speaker), stats));
    const byLanguage = new Map<LanguageCode, ChannelStats>();
    for (const { language, counts } of channels) {
      const known = byLanguage.get(language);
      byLanguage.set(language, {
        language,
        playedMs: (known?.playedMs ?? 0) + counts.playedMs,
        skippedMs: (known?.skippedMs ?? 0) + counts.skippedMs,
        underruns: (known?.underruns ?? 0) + counts.underruns,
        ...(this.#delays.get(language) ?? { queueDelayMs: [], earVoiceSpanMs: [] }),
      });
    }
    this.#delays.clear();
    return {
      speakers: [...totals.values()].slice(-MAX_SPEAKERS),
      channels: [...byLanguage.values()].slice(-MAX_LANGUAGES),
      sessions: { open: openSessions, opened: this.#opened, errors: { ...this.#errors } },
      ...(unreadable.length > 0 && { unreadable: unreadable.slice(0, MAX_LANGUAGES) }),
      ...(eventLoopDelayMs !== undefined && { eventLoopDelayMs }),
      ...(heldBack && { heldBack }),
    };
  }
}

function sum(before: SpeakerStats | undefined, more: SpeakerStats): SpeakerStats {
  if (!before) return more;
  const packets = Object.entries(more.packets).map(([outcome, count]) => [
    outcome,
    count + before.packets[outcome as keyof SpeakerStats['packets']],
  ]);
  return {
    speaker: more.speaker,
    packets: Object.fromEntries(packets) as SpeakerStats['packets'],
    speechDroppedMs: before.speechDroppedMs + more.speechDroppedMs,
    speechWaitingMs: more.speechWaitingMs,
    echoSuppressedMs: before.echoSuppressedMs + more.echoSuppressedMs,
  };
}
