/**
 * What an interpreter publishes in each language: audio channels, caption channels, and the status of each interpretation. Owns them all.
 *
 * Hard requirement: nothing is published in a language that another interpreter provides, or after `close`.
 */

import type { BudgetNotice, LanguageCode, SpeakerView } from '@mediasoup-booth/protocol';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { CaptionChannel, type OutgoingMessage } from './captions/caption-channel.ts';
import type { ReportedState } from './demand/budget-restraint.ts';
import type { Demand, WantedInterpretation } from './demand/demand.ts';
import { RecentTranscript } from './incoming/echo/recent-transcript.ts';
import { type InterpretationStatus, InterpretationStatuses } from './interpretation-statuses.ts';
import { PlayoutChannels } from './playout/channels.ts';
import { EarVoiceSpan, type EarVoiceSummary } from './playout/ear-voice-span.ts';
import type { PlayoutEvent, QueuedUtterance } from './playout/playout-queue.ts';
import type { RoomConnection } from './room/room-connection.ts';
import type { DelayRecorder } from './stats/stats-recorder.ts';

/** How translations are spoken: `interpretation` in the configuration. */
export interface PlayoutSettings {
  /** One audio track for each language, or one for each speaker in each language. */
  tracks: 'mixed' | 'perSpeaker';
  /** How long an utterance may wait before it is skipped, in milliseconds. */
  maxLagMs: number;
  /** How many different voices of the model speak in one language. */
  voices: number;
}

export interface PublicationsOptions {
  connection: RoomConnection;
  playout: PlayoutSettings;
  /** How many pictures a speaker's sessions into a language were shown; undefined where vision is off. */
  picturesShown(speaker: SpeakerView, language: LanguageCode): number | undefined;
  /** Told of each phrase how long it waited, and of each utterance its ear-voice span. */
  delays: DelayRecorder;
  /** Called when a channel could not be published, or was at last. */
  onChanged(): void;
  clock: Clock;
  log: Pick<Logger, 'error' | 'info' | 'warn'>;
}

export class Publications {
  readonly channels: PlayoutChannels;
  readonly #options: PublicationsOptions;
  readonly #captionChannels = new Map<LanguageCode, CaptionChannel>();
  readonly #statuses: InterpretationStatuses;
  readonly #recentTranscripts = new Map<LanguageCode, RecentTranscript>();
  readonly #earVoiceSpans = new Map<LanguageCode, EarVoiceSpan>();
  /** The languages whose caption channels could not be opened so far. */
  readonly #unreadable = new Set<LanguageCode>();
  #listeners: Demand['listeners'] = new Map();
  #deferred: ReadonlySet<LanguageCode> = new Set();
  #closed = false;

  constructor(options: PublicationsOptions) {
    this.#options = options;
    const { connection, playout, clock, log } = options;
    this.channels = new PlayoutChannels({
      connection,
      tracks: playout.tracks,
      maxLagMs: playout.maxLagMs,
      clock,
      onPlayout: (language, event) => this.#sendPlayout(language, event),
      onPublished: options.onChanged,
      onFailed: (language, error, retryInMs) => {
        log.error({ err: error, language, retryInMs }, 'audio channel could not be published');
        options.onChanged();
      },
    });
    this.#statuses = new InterpretationStatuses(clock, (language, status) => this.#sendStatus(language, status));
  }

  /** The languages in which captions are published. */
  get languages(): ReadonlySet<LanguageCode> {
    return new Set(this.#captionChannels.keys());
  }

  /** The languages whose captions could not be published so far, so that nobody reads their statuses either. */
  get unreadable(): readonly LanguageCode[] {
    return [...this.#unreadable];
  }

  /** The ear-voice span of each language that was spoken. */
  get earVoiceSummaries(): Record<LanguageCode, EarVoiceSummary> {
    const summaries = [...this.#earVoiceSpans].map(([language, { summary }]) => [language, summary] as const);
    return Object.fromEntries(summaries.filter(([, { count }]) => count > 0));
  }

  /** Opens the channels before the first word, so that listeners and readers have found them by then. */
  open(wanted: readonly WantedInterpretation[]): void {
    for (const { speaker, source, target, audio, originals } of wanted) {
      if (audio) this.channels.open(target, speaker);
      this.#captionChannelOf(target);
      if (originals) this.#captionChannelOf(source);
    }
  }

  /** Closes the channels of the languages that another interpreter provides, and publishes nothing in them until it stops. */
  deferToOthers(languages: ReadonlySet<LanguageCode>): void {
    const { log } = this.#options;
    for (const language of languages) {
      if (this.#deferred.has(language)) continue;
      log.info({ language }, 'language deferred to another interpreter');
      this.#captionChannels.get(language)?.close();
      this.#captionChannels.delete(language);
      this.#unreadable.delete(language);
      this.channels.closeLanguage(language);
    }
    for (const language of this.#deferred)
      if (!languages.has(language)) log.info({ language }, 'language taken over from another interpreter');
    this.#deferred = languages;
  }

  /** Repeats the statuses of each language that has a new reader or listener. */
  updateListeners(listeners: Demand['listeners'], budget: BudgetNotice | undefined): void {
    for (const [language, count] of listeners)
      if (count > (this.#listeners.get(language) ?? 0)) this.#statuses.repeat(language);
    this.#listeners = listeners;
    this.#statuses.setBudget(budget);
  }

  /** Removes the statuses of all speakers but these, those who were never interpreted included. */
  retainSpeakers(isPresent: (speaker: string) => boolean): void {
    this.#statuses.retain(isPresent);
  }

  /** Removes a speaker who has left; what was said for them is still played. */
  removeSpeaker(speaker: string): void {
    this.channels.removeSpeaker(speaker);
    this.#statuses.remove(speaker);
  }

  /** Whether a text is what the audio channel of a language has just said. */
  repeatsChannel(language: LanguageCode, text: string): boolean {
    return this.#recentTranscripts.get(language)?.isRepeatedBy(text, this.#options.clock.now()) ?? false;
  }

  /** Sends a message on the caption channel of a language. */
  send(language: LanguageCode, message: OutgoingMessage): void {
    this.#track(language, message);
    if (!this.#closed && !this.#deferred.has(language)) this.#captionChannelOf(language).send(message);
  }

  /** @param samples more speech of the utterance: 24 kHz mono */
  pushVoice(language: LanguageCode, utterance: QueuedUtterance, samples: Int16Array): void {
    if (!this.#deferred.has(language)) this.channels.open(language, utterance.speaker.id).push(utterance, samples);
  }

  /** @returns whether the status was sent: it is not the one that was sent before */
  setStatus(speaker: SpeakerView, language: LanguageCode, reported: ReportedState): boolean {
    return this.#statuses.set(speaker, language, reported);
  }

  /** Sets what prevents an interpretation just now. @returns whether it is news */
  setImpediment(speaker: SpeakerView, language: LanguageCode, impediment: ReportedState | undefined): boolean {
    return this.#statuses.setImpediment(speaker, language, impediment);
  }

  close(): void {
    this.#closed = true;
    this.channels.close();
    for (const channel of this.#captionChannels.values()) channel.close();
    this.#statuses.close();
  }

  /** Records the captions and playout of a channel, to recognize its echo and to measure its ear-voice span. */
  #track(language: LanguageCode, message: OutgoingMessage): void {
    const transcript = this.#recentTranscripts.get(language) ?? new RecentTranscript();
    this.#recentTranscripts.set(language, transcript);
    if (message.type === 'caption' && message.kind === 'translation') {
      transcript.setText(message.utterance, message.stable + (message.tentative ?? ''));
      this.#earVoiceSpanOf(language).setSourceStart(message.utterance, message.start);
    }
    if (message.type !== 'playout') return;
    if (message.state === 'started') {
      transcript.started(message.utterance);
      const earVoiceSpanMs = this.#earVoiceSpanOf(language).started(message.utterance, message.speaker.id, message.at);
      if (earVoiceSpanMs !== undefined) this.#options.delays.record(language, 'earVoiceSpanMs', earVoiceSpanMs);
    } else transcript.ended(message.utterance, this.#options.clock.now());
  }

  #earVoiceSpanOf(language: LanguageCode): EarVoiceSpan {
    const known = this.#earVoiceSpans.get(language) ?? new EarVoiceSpan();
    this.#earVoiceSpans.set(language, known);
    return known;
  }

  #captionChannelOf(language: LanguageCode): CaptionChannel {
    const known = this.#captionChannels.get(language);
    if (known) return known;
    const { connection, log, onChanged } = this.#options;
    const output = connection.publishCaptions(language, {
      opened: () => {
        this.#unreadable.delete(language);
        onChanged();
      },
      failed: (error, retryInMs) => {
        log.error({ err: error, language, retryInMs }, 'caption channel could not be published');
        this.#unreadable.add(language);
        onChanged();
      },
    });
    const channel = new CaptionChannel(language, output);
    this.#captionChannels.set(language, channel);
    return channel;
  }

  #sendPlayout(language: LanguageCode, event: PlayoutEvent): void {
    const { utterance, state } = event;
    const { id, speaker } = utterance;
    if (event.state === 'started') this.#options.delays.record(language, 'queueDelayMs', event.delayMs);
    const at = Math.round(this.#options.connection.now());
    this.send(language, { type: 'playout', speaker, utterance: id, state, at });
    if (state === 'started') this.setStatus(speaker, language, { state: 'speaking' });
    if (state === 'ended') this.setStatus(speaker, language, { state: 'listening' });
  }

  #sendStatus(language: LanguageCode, { speaker, state, message, reason }: InterpretationStatus): void {
    const pictures = this.#options.picturesShown(speaker, language);
    const earVoiceSpanMs = this.#earVoiceSpans.get(language)?.lastSpanMs(speaker.id);
    this.send(language, {
      type: 'status',
      speaker,
      state,
      ...(message !== undefined && { message }),
      ...(reason !== undefined && { reason }),
      queueMs: Math.round(this.channels.queuedMs(language)),
      listeners: this.#listeners.get(language) ?? 0,
      ...(earVoiceSpanMs !== undefined && { earVoiceSpanMs }),
      ...(pictures !== undefined && { pictures }),
    });
  }
}
