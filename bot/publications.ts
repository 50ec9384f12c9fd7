/**
 * What an interpreter publishes in each language: voices on Channels, Captions, and how each interpretation is doing. Owns them all.
 *
 * Hard requirement: nothing is published in a language that is left to another interpreter, or once this is closed.
 */
import type { Logger } from 'pino';
import type { LanguageCode } from '../protocol/languages.ts';
import type { InterpretationState, SpeakerView } from '../protocol/room-messages.ts';
import type { BudgetNotice } from '../protocol/usage.ts';
import type { Clock } from '../time/clock.ts';
import { CaptionChannel, type UnaddressedMessage } from './captions/caption-channel.ts';
import type { Demand, WantedInterpretation } from './demand/demand.ts';
import { RecentTranscript } from './incoming/echo/recent-transcript.ts';
import { type InterpretationStatus, InterpretationStatuses } from './interpretation-statuses.ts';
import { PlayoutChannels } from './playout/channels.ts';
import { EarVoiceSpan, type EarVoiceSummary } from './playout/ear-voice-span.ts';
import type { PlayoutEvent, QueuedUtterance } from './playout/playout-queue.ts';
import type { RoomConnection } from './room/room-connection.ts';

/** How what was translated is said: `interpretation` in the configuration. */
export interface PlayoutSettings {
  tracks: 'mixed' | 'perSpeaker';
  /** How long an utterance may wait before it is skipped. */
  maxLagMs: number;
  /** How many of the model's voices speak in one language. */
  voices: number;
}

export interface PublicationsOptions {
  connection: RoomConnection;
  playout: PlayoutSettings;
  /** How many pictures a speaker's sessions into a language were shown; undefined: none ever are. */
  picturesShown(speaker: SpeakerView, language: LanguageCode): number | undefined;
  clock: Clock;
  log: Pick<Logger, 'error' | 'info' | 'warn'>;
}

export class Publications {
  readonly channels: PlayoutChannels;
  readonly #options: PublicationsOptions;
  readonly #captions = new Map<LanguageCode, CaptionChannel>();
  readonly #statuses: InterpretationStatuses;
  readonly #said = new Map<LanguageCode, RecentTranscript>();
  readonly #earVoice = new Map<LanguageCode, EarVoiceSpan>();
  #listeners: Demand['listeners'] = new Map();
  #left: ReadonlySet<LanguageCode> = new Set();
  #closed = false;

  constructor(options: PublicationsOptions) {
    this.#options = options;
    const { connection, playout, clock, log } = options;
    this.channels = new PlayoutChannels({
      connection,
      tracks: playout.tracks,
      limitMs: playout.maxLagMs,
      clock,
      onPlayout: (language, event) => this.#tellPlayout(language, event),
      onFailed: (language, error) => log.error({ err: error, language }, 'the channel could not be published'),
    });
    this.#statuses = new InterpretationStatuses(clock, (language, status) => this.#sayStatus(language, status));
  }

  /** In which captions are published. */
  get languages(): ReadonlySet<LanguageCode> {
    return new Set(this.#captions.keys());
  }

  /** How far behind each language was that has sounded. */
  get earVoice(): Record<LanguageCode, EarVoiceSummary> {
    const spoken = [...this.#earVoice].map(([language, { summary }]) => [language, summary] as const);
    return Object.fromEntries(spoken.filter(([, { count }]) => count > 0));
  }

  /** Before the first word: who listens has to find them first. */
  open(wanted: readonly WantedInterpretation[]): void {
    for (const { speaker, source, target, audio, originals } of wanted) {
      if (audio) this.channels.open(target, speaker);
      this.#captionsIn(target);
      if (originals) this.#captionsIn(source);
    }
  }

  /** Another interpreter provides these. */
  leave(languages: ReadonlySet<LanguageCode>): void {
    const { log } = this.#options;
    for (const language of languages) {
      if (this.#left.has(language)) continue;
      log.info({ language }, 'another interpreter provides this language: standing by');
      this.#captions.get(language)?.close();
      this.#captions.delete(language);
      this.channels.closeAll(language);
    }
    for (const language of this.#left)
      if (!languages.has(language)) log.info({ language }, 'no other interpreter provides this language any more');
    this.#left = languages;
  }

  /** Who is new in a language hears how its interpretations are doing. */
  follow(listeners: Demand['listeners'], budget: BudgetNotice | undefined): void {
    for (const [language, count] of listeners)
      if (count > (this.#listeners.get(language) ?? 0)) this.#statuses.repeat(language);
    this.#listeners = listeners;
    this.#statuses.follow(budget);
  }

  /** Of whom anything can still be told; those who were never interpreted leave nothing else behind. */
  keep(isHere: (speaker: string) => boolean): void {
    this.#statuses.keep(isHere);
  }

  forget(speaker: string): void {
    this.channels.leave(speaker);
    this.#statuses.forget(speaker);
  }

  /** Whether a text is what the channel of a language has just said. */
  repeatsChannel(language: LanguageCode, text: string): boolean {
    return this.#said.get(language)?.isRepeatedBy(text, this.#options.clock.now()) ?? false;
  }

  say(language: LanguageCode, message: UnaddressedMessage): void {
    this.#remember(language, message);
    if (!this.#closed && !this.#left.has(language)) this.#captionsIn(language).say(message);
  }

  voice(language: LanguageCode, utterance: QueuedUtterance, samples: Int16Array): void {
    if (!this.#left.has(language)) this.channels.open(language, utterance.speaker.id).say(utterance, samples);
  }

  /** How one interpretation is doing. Whether it is news. */
  tell(speaker: SpeakerView, language: LanguageCode, state: InterpretationState, message?: string): boolean {
    return this.#statuses.tell(speaker, language, state, message);
  }

  close(): void {
    this.#closed = true;
    this.channels.close();
    for (const captions of this.#captions.values()) captions.close();
    this.#statuses.close();
  }

  #remember(language: LanguageCode, message: UnaddressedMessage): void {
    const said = this.#said.get(language) ?? new RecentTranscript();
    this.#said.set(language, said);
    if (message.type === 'caption' && message.kind === 'translation') {
      said.text(message.utterance, message.stable + (message.tentative ?? ''));
      this.#earVoiceIn(language).said(message.utterance, message.start);
    }
    if (message.type !== 'playout') return;
    if (message.state === 'started') {
      said.sounds(message.utterance);
      this.#earVoiceIn(language).sounds(message.utterance, message.speaker.id, message.at);
    } else said.ended(message.utterance, this.#options.clock.now());
  }

  #earVoiceIn(language: LanguageCode): EarVoiceSpan {
    const known = this.#earVoice.get(language) ?? new EarVoiceSpan();
    this.#earVoice.set(language, known);
    return known;
  }

  #captionsIn(language: LanguageCode): CaptionChannel {
    const known = this.#captions.get(language);
    if (known) return known;
    const { connection, log } = this.#options;
    const captions = new CaptionChannel(language, connection.publishCaptions(language), (error) =>
      log.error({ err: error, language }, 'the caption channel could not be published'),
    );
    this.#captions.set(language, captions);
    return captions;
  }

  #tellPlayout(language: LanguageCode, { utterance, state }: PlayoutEvent): void {
    const { id, speaker } = utterance;
    const at = Math.round(this.#options.connection.now());
    this.say(language, { type: 'playout', speaker, utterance: id, state, at });
    if (state === 'started') this.tell(speaker, language, 'speaking');
    if (state === 'ended') this.tell(speaker, language, 'listening');
  }

  #sayStatus(language: LanguageCode, { speaker, state, message }: InterpretationStatus): void {
    const pictures = this.#options.picturesShown(speaker, language);
    const earVoiceSpanMs = this.#earVoice.get(language)?.lastOf(speaker.id);
    this.say(language, {
      type: 'status',
      speaker,
      state,
      ...(message !== undefined && { message }),
      queueMs: Math.round(this.channels.queuedMs(language)),
      listeners: this.#listeners.get(language) ?? 0,
      ...(earVoiceSpanMs !== undefined && { earVoiceSpanMs }),
      ...(pictures !== undefined && { pictures }),
    });
  }
}
