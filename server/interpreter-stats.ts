/**
 * What interpreters report of themselves: the last report of each, for REST, and sums over all of them, for Prometheus.
 *
 * Reported counters are totals: what is added to a metric is the difference to the report before, so a report that is lost or comes
 * twice changes nothing. Metrics name no person and no room; their labels come from fixed lists.
 */

import type {
  ChannelStats,
  InterpreterStats,
  InterpreterStatsView,
  PacketStats,
  Percentiles,
  SessionErrors,
} from '@mediasoup-booth/protocol';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Samples of each channel from which the percentiles of the view are calculated. */
const SAMPLES_KEPT = 256;
const DELAY_BUCKETS_SECONDS = [0.1, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 20, 40];

interface Report {
  stats: InterpreterStats;
  /** Milliseconds since the room began. */
  atMs: number;
  /** The latest samples of each language. */
  recent: Map<string, Pick<ChannelStats, 'queueDelayMs' | 'earVoiceSpanMs'>>;
}

/**
 * @example
 * const interpreters = new InterpreterStatsCollector(registry);
 * interpreters.report('7c9e…', stats, room.now());
 * interpreters.view('7c9e…')?.speakers[0]?.packets.lost;
 * interpreters.remove('7c9e…');
 */
export class InterpreterStatsCollector {
  /** The last report of each interpreter, keyed by its participant id. */
  readonly #reports = new Map<string, Report>();
  readonly #packets: Counter<'outcome'>;
  readonly #errors: Counter<'class'>;
  readonly #opened: Counter;
  readonly #dropped: Counter;
  readonly #echo: Counter;
  readonly #played: Counter;
  readonly #skipped: Counter;
  readonly #underruns: Counter;
  readonly #queueDelay: Histogram;
  readonly #earVoiceSpan: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#packets = new Counter({
      name: 'booth_interpreter_packets_total',
      help: 'Opus packets of microphones, by what became of them',
      labelNames: ['outcome'],
      registers,
    });
    this.#errors = new Counter({
      name: 'booth_translation_errors_total',
      help: 'Errors of the translation service, by what they mean',
      labelNames: ['class'],
      registers,
    });
    this.#opened = new Counter({
      name: 'booth_translation_sessions_opened_total',
      help: 'Sessions with the translation service that opened',
      registers,
    });
    this.#dropped = new Counter({
      name: 'booth_interpreter_speech_dropped_seconds_total',
      help: 'Speech that no session took in time',
      registers,
    });
    this.#echo = new Counter({
      name: 'booth_interpreter_echo_suppressed_seconds_total',
      help: 'Sound of channels that microphones picked up, and that was silenced',
      registers,
    });
    this.#played = new Counter({
      name: 'booth_channel_played_seconds_total',
      help: 'Translated speech that channels played',
      registers,
    });
    this.#skipped = new Counter({
      name: 'booth_channel_skipped_seconds_total',
      help: 'Translated speech that came too late to be played',
      registers,
    });
    this.#underruns = new Counter({
      name: 'booth_channel_underruns_total',
      help: 'Gaps within a phrase of translated speech',
      registers,
    });
    this.#queueDelay = new Histogram({
      name: 'booth_channel_queue_delay_seconds',
      help: 'How long a phrase of translated speech waited before it sounded',
      buckets: DELAY_BUCKETS_SECONDS,
      registers,
    });
    this.#earVoiceSpan = new Histogram({
      name: 'booth_channel_ear_voice_span_seconds',
      help: 'From when something was said to when its translation sounded',
      buckets: DELAY_BUCKETS_SECONDS,
      registers,
    });
    const gauge = (name: string, help: string, now: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(now());
        },
      });
    gauge('booth_interpreter_speech_waiting_seconds', 'Speech that waits for a session just now', () =>
      this.#sum(({ speakers }) => total(speakers, ({ speechWaitingMs }) => speechWaitingMs) / 1000),
    );
    gauge('booth_interpreter_speakers', 'People whose microphones are received by interpreters', () =>
      this.#sum(({ speakers }) => speakers.length),
    );
    gauge('booth_translation_sessions_open', 'Sessions with the translation service that are open', () =>
      this.#sum(({ sessions }) => sessions.open),
    );
    gauge('booth_interpretations_without_voice', 'Interpretations that an overloaded thread only writes', () =>
      this.#sum(({ heldBack }) => heldBack?.captions ?? 0),
    );
    gauge('booth_interpretations_waiting', 'Interpretations that an overloaded thread has no room for', () =>
      this.#sum(({ heldBack }) => heldBack?.waiting ?? 0),
    );
    gauge(
      'booth_interpreter_event_loop_delay_seconds',
      'How late the latest of the interpreters is, in 99 of 100 turns',
      () => Math.max(0, ...[...this.#reports.values()].map(({ stats }) => (stats.eventLoopDelayMs ?? 0) / 1000)),
    );
  }

  /** @param atMs milliseconds since the room began */
  report(interpreter: string, stats: InterpreterStats, atMs: number): void {
    const before = this.#reports.get(interpreter);
    this.#count(before?.stats, stats);
    const recent: Report['recent'] = new Map();
    for (const { language, queueDelayMs, earVoiceSpanMs } of stats.channels) {
      const known = before?.recent.get(language);
      recent.set(language, {
        queueDelayMs: latest(known?.queueDelayMs, queueDelayMs),
        earVoiceSpanMs: latest(known?.earVoiceSpanMs, earVoiceSpanMs),
      });
    }
    this.#reports.set(interpreter, { stats, atMs, recent });
  }

  /** The last report of an interpreter; undefined where none has come. */
  view(interpreter: string): InterpreterStatsView | undefined {
    const report = this.#reports.get(interpreter);
    if (!report) return undefined;
    const { stats, atMs, recent } = report;
    const channels = stats.channels.map(({ queueDelayMs: _, earVoiceSpanMs: __, ...channel }) => {
      const samples = recent.get(channel.language);
      const queueDelayMs = percentiles(samples?.queueDelayMs);
      const earVoiceSpanMs = percentiles(samples?.earVoiceSpanMs);
      return { ...channel, ...(queueDelayMs && { queueDelayMs }), ...(earVoiceSpanMs && { earVoiceSpanMs }) };
    });
    const { speakers, sessions, eventLoopDelayMs, heldBack } = stats;
    return {
      reportedAt: atMs,
      speakers,
      channels,
      sessions,
      ...(eventLoopDelayMs !== undefined && { eventLoopDelayMs }),
      ...(heldBack && { heldBack }),
    };
  }

  /** The interpreter has left its room. What it has added to the counters stays. */
  remove(interpreter: string): void {
    this.#reports.delete(interpreter);
  }

  #sum(of: (stats: InterpreterStats) => number): number {
    return total([...this.#reports.values()], ({ stats }) => of(stats));
  }

  #count(before: InterpreterStats | undefined, { speakers, channels, sessions }: InterpreterStats): void {
    for (const speaker of speakers) {
      const known = before?.speakers.find((other) => other.speaker === speaker.speaker);
      for (const outcome of Object.keys(speaker.packets) as (keyof PacketStats)[])
        this.#packets.inc({ outcome }, increase(known?.packets[outcome], speaker.packets[outcome]));
      this.#dropped.inc(increase(known?.speechDroppedMs, speaker.speechDroppedMs) / 1000);
      this.#echo.inc(increase(known?.echoSuppressedMs, speaker.echoSuppressedMs) / 1000);
    }
    for (const channel of channels) {
      const known = before?.channels.find((other) => other.language === channel.language);
      this.#played.inc(increase(known?.playedMs, channel.playedMs) / 1000);
      this.#skipped.inc(increase(known?.skippedMs, channel.skippedMs) / 1000);
      this.#underruns.inc(increase(known?.underruns, channel.underruns));
      for (const ms of channel.queueDelayMs) this.#queueDelay.observe(ms / 1000);
      for (const ms of channel.earVoiceSpanMs) this.#earVoiceSpan.observe(ms / 1000);
    }
    const errorsBefore = before?.sessions.errors;
    for (const kind of Object.keys(sessions.errors) as (keyof SessionErrors)[])
      this.#errors.inc({ class: kind }, increase(errorsBefore?.[kind], sessions.errors[kind]));
    this.#opened.inc(increase(before?.sessions.opened, sessions.opened));
  }
}

/** A counter that is lower than before has started again from zero. */
const increase = (before = 0, now: number): number => (now >= before ? now - before : now);

const total = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

const latest = (before: readonly number[] = [], more: readonly number[]): number[] =>
  [...before, ...more].slice(-SAMPLES_KEPT);

function percentiles(samples: readonly number[] = []): Percentiles | undefined {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const p50 = at(0.5);
  const p95 = at(0.95);
  return p50 === undefined || p95 === undefined ? undefined : { p50, p95 };
}
