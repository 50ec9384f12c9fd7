/**
 * The audio channels of an interpreter, each published as one track: one channel for each language, which all speakers share, or one for
 * each speaker in each language. Owns them all.
 *
 * When a speaker leaves, their channels drain: they close once what was queued is played, which is 120 s of audio at most.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { Clock } from '../../time/clock.ts';
import type { FarEndReference } from '../incoming/echo/far-end-reference.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import { PlayoutChannel } from './channel.ts';
import type { PlayoutEvent, PlayoutTotals } from './playout-queue.ts';

/** The last packet of an utterance leaves this long after the utterance has ended. */
const LAST_PACKET_MS = 100;

export interface PlayoutChannelsOptions {
  connection: Pick<RoomConnection, 'publishChannel'>;
  /** `mixed`: one channel for each language; `perSpeaker`: one for each speaker in each language. */
  tracks: 'mixed' | 'perSpeaker';
  /** How long an utterance may wait, in milliseconds. */
  maxLagMs: number;
  clock: Clock;
  onPlayout(language: LanguageCode, event: PlayoutEvent): void;
  /** A channel's track was published. */
  onPublished(language: LanguageCode): void;
  /** A channel's track could not be published; the next attempt follows in `retryInMs`. */
  onFailed(language: LanguageCode, error: unknown, retryInMs: number): void;
}

interface ChannelEntry {
  channel: PlayoutChannel;
  language: LanguageCode;
  /** The only speaker of the channel; undefined where all speakers share it. */
  speaker: string | undefined;
  /** The speaker has left: the channel closes when it is idle. */
  isDraining: boolean;
  /** Its track could not be published so far. */
  isSilent: boolean;
  cancelClose: (() => void) | undefined;
}

export class PlayoutChannels {
  readonly #options: PlayoutChannelsOptions;
  readonly #channels: ChannelEntry[] = [];

  constructor(options: PlayoutChannelsOptions) {
    this.#options = options;
  }

  /** Returns the channel that plays a speaker in a language, and publishes it if it does not exist. */
  open(language: LanguageCode, speaker: string): PlayoutChannel {
    const existing = this.#find(language, speaker);
    if (existing) existing.isDraining = false;
    return (existing ?? this.#publish(language, speaker)).channel;
  }

  /** Returns the channel that plays a speaker in a language; undefined if it was never opened. */
  get(language: LanguageCode, speaker: string): PlayoutChannel | undefined {
    return this.#find(language, speaker)?.channel;
  }

  /** Milliseconds of speech that wait in a language, on the channel where the most waits. */
  queuedMs(language: LanguageCode): number {
    return Math.max(0, ...this.#channelsOf(language).map(({ channel }) => channel.queuedMs));
  }

  /** How late, in milliseconds, the latest of the audio queued in a language would be played at normal rate. */
  delayMs(language: LanguageCode): number {
    return Math.max(0, ...this.#channelsOf(language).map(({ channel }) => channel.delayMs));
  }

  /** Whether a channel of a language could not be published so far, and is silent. */
  isSilent(language: LanguageCode): boolean {
    return this.#channelsOf(language).some((entry) => entry.isSilent);
  }

  /** The audio that each channel of a language has played. */
  farEndReferences(language: LanguageCode): FarEndReference[] {
    return this.#channelsOf(language).map(({ channel }) => channel.farEnd);
  }

  /** The playout totals of each channel; `counts` is their name in the log. */
  get counts(): { language: LanguageCode; speaker: string | undefined; counts: Readonly<PlayoutTotals> }[] {
    return this.#channels.map(({ channel, language, speaker }) => ({ language, speaker, counts: channel.totals }));
  }

  /** The speaker has left: closes the channels that are theirs alone when these have played what is queued. */
  removeSpeaker(speaker: string): void {
    for (const entry of this.#channels.filter((candidate) => candidate.speaker === speaker)) {
      entry.isDraining = true;
      this.#closeWhenIdle(entry);
    }
  }

  /** Closes the channels of a language at once, as another interpreter provides it. */
  closeLanguage(language: LanguageCode): void {
    for (const entry of this.#channelsOf(language)) {
      this.#channels.splice(this.#channels.indexOf(entry), 1);
      close(entry);
    }
  }

  close(): void {
    for (const entry of this.#channels.splice(0)) close(entry);
  }

  #publish(language: LanguageCode, speaker: string): ChannelEntry {
    const { connection, tracks, maxLagMs, clock, onPlayout, onPublished, onFailed } = this.#options;
    const onlySpeaker = tracks === 'perSpeaker' ? speaker : undefined;
    const channel = new PlayoutChannel({
      language,
      publish: () => connection.publishChannel(language, onlySpeaker),
      maxLagMs,
      clock,
      onPlayout: (event) => {
        onPlayout(language, event);
        if (entry.isDraining) this.#closeWhenIdle(entry);
      },
      onPublished: () => {
        entry.isSilent = false;
        onPublished(language);
      },
      onFailed: (error, retryInMs) => {
        entry.isSilent = true;
        onFailed(language, error, retryInMs);
      },
    });
    const entry: ChannelEntry = {
      channel,
      language,
      speaker: onlySpeaker,
      isDraining: false,
      isSilent: false,
      cancelClose: undefined,
    };
    this.#channels.push(entry);
    return entry;
  }

  #closeWhenIdle(entry: ChannelEntry): void {
    entry.cancelClose?.();
    entry.cancelClose = this.#options.clock.after(LAST_PACKET_MS, () => {
      if (!entry.isDraining || !entry.channel.isIdle) return;
      this.#channels.splice(this.#channels.indexOf(entry), 1);
      close(entry);
    });
  }

  #find(language: LanguageCode, speaker: string): ChannelEntry | undefined {
    const onlySpeaker = this.#options.tracks === 'perSpeaker' ? speaker : undefined;
    return this.#channelsOf(language).find((entry) => entry.speaker === onlySpeaker);
  }

  #channelsOf(language: LanguageCode): ChannelEntry[] {
    return this.#channels.filter((entry) => entry.language === language);
  }
}

function close({ channel, cancelClose }: ChannelEntry): void {
  cancelClose?.();
  channel.close();
}
