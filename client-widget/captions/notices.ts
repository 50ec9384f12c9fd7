/**
 * Notices for readers beside the captions: the connection is lost, a translation is late, skipped or waiting. Each shows while its cause
 * lasts and expires when it is not confirmed. No timers: the time is passed in.
 */
import type { InterpretationState, PlayoutMessage, SpeakerView, StatusMessage } from '@mediasoup-booth/protocol';
import type { WidgetText } from '../i18n/translate.ts';
import type { ErrorReason } from '../media/error-reason.ts';
import type { WidgetConnection } from '../sources/caption-source.ts';
import { explanationOf, interpretationNotices } from '../sources/interpretation-notices.ts';

export interface Notice {
  kind: 'lost' | 'ended' | 'trouble' | 'waiting' | 'behind' | 'skipped';
  /** The key for translating the notice. */
  code: string;
  /** The English text. */
  message: string;
}

/** A translation counts as late when nothing new to read has arrived for this long. */
const BEHIND_MS = 2_000;
const SKIPPED_MS = 4_000;
/** The number of speakers that are tracked; beyond it the least recent one is removed. */
const MOST_SPEAKERS = 64;

/** The state of one speaker's translation. */
interface SpeakerState {
  state: InterpretationState;
  /** Why, where it was said. */
  explanation: ErrorReason | undefined;
  toldMs: number;
  /** When a caption last arrived, or translating began. */
  readMs: number;
  skippedMs: number;
}

export class SpeakerNotices {
  readonly #speakers = new Map<SpeakerView['id'], SpeakerState>();

  status(status: StatusMessage, nowMs: number): void {
    const { speaker, state } = status;
    const before = this.#speakers.get(speaker.id);
    const readMs = before?.state === state ? before.readMs : nowMs;
    this.#set(speaker, { state, explanation: explanationOf(status), toldMs: nowMs, readMs }, nowMs);
  }

  playout({ speaker, state }: PlayoutMessage, nowMs: number): void {
    if (state === 'skipped') this.#set(speaker, { skippedMs: nowMs }, nowMs);
  }

  /** A caption of the speaker has arrived. */
  captioned(speaker: SpeakerView, nowMs: number): void {
    if (this.#speakers.has(speaker.id)) this.#set(speaker, { readMs: nowMs }, nowMs);
  }

  /** The current notices without duplicates, and when they next change by themselves. */
  at(nowMs: number): { notices: Notice[]; nextMs: number | undefined } {
    const notices = new Map<string, Notice>();
    const moments: number[] = [];
    const during = (fromMs: number, toMs: number, notice: Notice) => {
      if (nowMs >= fromMs && nowMs < toMs) notices.set(notice.message, notice);
      moments.push(fromMs, toMs);
    };
    for (const { state, explanation, toldMs, readMs, skippedMs } of this.#speakers.values()) {
      const meaning = interpretationNotices[state];
      const fromMs = state === 'translating' ? readMs + BEHIND_MS : toldMs;
      if (meaning) {
        const { kind, text, forMs } = meaning;
        during(fromMs, toldMs + forMs, { kind, ...(explanation ?? { code: text, message: text }) });
      }
      during(skippedMs, skippedMs + SKIPPED_MS, notice('skipped', 'Some speech was skipped.'));
    }
    const next = Math.min(...moments.filter((ms) => ms > nowMs));
    return { notices: [...notices.values()], nextMs: Number.isFinite(next) ? next : undefined };
  }

  #set(speaker: SpeakerView, change: Partial<SpeakerState>, nowMs: number): void {
    const none: SpeakerState = {
      state: 'listening',
      explanation: undefined,
      toldMs: nowMs,
      readMs: nowMs,
      skippedMs: Number.NEGATIVE_INFINITY,
    };
    const doing = { ...none, ...this.#speakers.get(speaker.id), ...change };
    this.#speakers.delete(speaker.id);
    this.#speakers.set(speaker.id, doing);
    const [oldest] = this.#speakers.keys();
    if (this.#speakers.size > MOST_SPEAKERS && oldest !== undefined) this.#speakers.delete(oldest);
  }
}

const notice = (kind: Notice['kind'], message: WidgetText): Notice => ({ kind, code: message, message });

/** The notice for the state of a connection; undefined where it needs none. */
export function connectionNotice(connection: WidgetConnection): Notice | undefined {
  if (!('message' in connection)) return undefined;
  const { is: kind, code, message } = connection;
  // `tooMany` means that the server is full of readers, which is no problem of the connection.
  return kind === 'lost' && code !== 'tooMany'
    ? notice(kind, 'Connection lost. Coming back by itself …')
    : { kind, code, message };
}
