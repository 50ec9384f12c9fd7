/**
 * The audio channels of an interpreter: one for each language or, where tracks are per speaker, one for each speaker in each language.
 * Owns them all.
 *
 * A speaker's own channel closes when the speaker has left and what was queued for them is played, which is 120 s of sound at most.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { Clock } from '../../time/clock.ts';
import type { FarEndReference } from '../incoming/echo/far-end-reference.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import { PlayoutChannel } from './channel.ts';
import type { PlayoutCounts, PlayoutEvent } from './playout-queue.ts';

/** The last packet of an utterance leaves this long after the utterance has ended. */
const LAST_PACKET_MS = 100;

export interface PlayoutChannelsOptions {
  connection: Pick<RoomConnection, 'publishChannel'>;
  /** `mixed`: one track for each language; `perSpeaker`: one for each speaker in each language. */
  tracks: 'mixed' | 'perSpeaker';
  /** How long an utterance may wait, in milliseconds. */
  maxLagMs: number;
  clock: Clock;
  onPlayout(language: LanguageCode, event: PlayoutEvent): void;
  onFailed(language: LanguageCode, error: unknown): void;
}

interface OwnedChannel {
  channel: PlayoutChannel;
  language: LanguageCode;
  /** The speaker whose own channel it is; undefined where all speakers share it. */
  speaker: string | undefined;
  isLeaving: boolean;
  cancelClose: (() => void) | undefined;
}

export class PlayoutChannels {
  readonly #options: PlayoutChannelsOptions;
  readonly #channels: OwnedChannel[] = [];

  constructor(options: PlayoutChannelsOptions) {
    this.#options = options;
  }

  /** Returns the channel that plays a speaker in a language, and publishes it if it does not exist. */
  open(language: LanguageCode, speaker: string): PlayoutChannel {
    const known = this.#find(language, speaker);
    if (known) known.isLeaving = false;
    return (known ?? this.#publish(language, speaker)).channel;
  }

  /** Returns the channel that plays a speaker in a language; undefined if it was never opened. */
  get(language: LanguageCode, speaker: string): PlayoutChannel | undefined {
    return this.#find(language, speaker)?.channel;
  }

  /** Milliseconds of speech that wait in a language, on the track where most does. */
  queuedMs(language: LanguageCode): number {
    return Math.max(0, ...this.#in(language).map(({ channel }) => channel.queuedMs));
  }

  /** How late, in milliseconds, the latest of the sound queued in a language would be played at normal rate. */
  delayMs(language: LanguageCode): number {
    return Math.max(0, ...this.#in(language).map(({ channel }) => channel.delayMs));
  }

  /** What each track of a language has played. */
  farEndReferences(language: LanguageCode): FarEndReference[] {
    return this.#in(language).map(({ channel }) => channel.farEnd);
  }

  /** What has happened to the sound so far, for each track. */
  get counts(): { language: LanguageCode; speaker: string | undefined; counts: Readonly<PlayoutCounts> }[] {
    return this.#channels.map(({ channel, language, speaker }) => ({ language, speaker, counts: channel.counts }));
  }

  /** The speaker has left: plays what is queued for them in any language, then closes the channels that are theirs alone. */
  removeSpeaker(speaker: string): void {
    for (const owned of this.#channels.filter((one) => one.speaker === speaker)) {
      owned.isLeaving = true;
      this.#closeWhenIdle(owned);
    }
  }

  /** Closes the channels of a language at once, as another interpreter provides it. */
  closeLanguage(language: LanguageCode): void {
    for (const owned of this.#in(language)) {
      this.#channels.splice(this.#channels.indexOf(owned), 1);
      close(owned);
    }
  }

  close(): void {
    for (const owned of this.#channels.splice(0)) close(owned);
  }

  #publish(language: LanguageCode, speaker: string): OwnedChannel {
    const { connection, tracks, maxLagMs, clock, onPlayout, onFailed } = this.#options;
    const own = tracks === 'perSpeaker' ? speaker : undefined;
    const channel = new PlayoutChannel({
      language,
      output: connection.publishChannel(language, own),
      maxLagMs,
      clock,
      onPlayout: (event) => {
        onPlayout(language, event);
        if (owned.isLeaving) this.#closeWhenIdle(owned);
      },
      onFailed: (error) => onFailed(language, error),
    });
    const owned: OwnedChannel = { channel, language, speaker: own, isLeaving: false, cancelClose: undefined };
    this.#channels.push(owned);
    return owned;
  }

  #closeWhenIdle(owned: OwnedChannel): void {
    owned.cancelClose?.();
    owned.cancelClose = this.#options.clock.after(LAST_PACKET_MS, () => {
      if (!owned.isLeaving || !owned.channel.isIdle) return;
      this.#channels.splice(this.#channels.indexOf(owned), 1);
      close(owned);
    });
  }

  #find(language: LanguageCode, speaker: string): OwnedChannel | undefined {
    const own = this.#options.tracks === 'perSpeaker' ? speaker : undefined;
    return this.#in(language).find((owned) => owned.speaker === own);
  }

  #in(language: LanguageCode): OwnedChannel[] {
    return this.#channels.filter((owned) => owned.language === language);
  }
}

function close({ channel, cancelClose }: OwnedChannel): void {
  cancelClose?.();
  channel.close();
}
