/**
 * The audio channels of an interpreter: one for each language, or, where tracks are per speaker, one for each speaker in each
 * language. Owns them all.
 *
 * A speaker's own channel closes when they have left and what was said for them is out: after 120 s of sound at most.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { Clock } from '../../time/clock.ts';
import type { FarEndReference } from '../incoming/echo/far-end-reference.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import { PlayoutChannel } from './channel.ts';
import type { PlayoutCounts, PlayoutEvent } from './playout-queue.ts';

/** The last packet is still on its way when the last utterance has ended. */
const LAST_PACKET_MS = 100;

export interface PlayoutChannelsOptions {
  connection: Pick<RoomConnection, 'publishChannel'>;
  /** `mixed`: all speakers on one track for each language. */
  tracks: 'mixed' | 'perSpeaker';
  /** How long an utterance may wait. */
  maxLagMs: number;
  clock: Clock;
  onPlayout(language: LanguageCode, event: PlayoutEvent): void;
  onFailed(language: LanguageCode, error: unknown): void;
}

interface OwnedChannel {
  channel: PlayoutChannel;
  language: LanguageCode;
  /** Undefined: everybody's. */
  speaker: string | undefined;
  leaving: boolean;
  cancelClose: (() => void) | undefined;
}

export class PlayoutChannels {
  readonly #options: PlayoutChannelsOptions;
  readonly #channels: OwnedChannel[] = [];

  constructor(options: PlayoutChannelsOptions) {
    this.#options = options;
  }

  /** The one on which a speaker is heard in a language; published if it is not yet. */
  open(language: LanguageCode, speaker: string): PlayoutChannel {
    const known = this.#find(language, speaker);
    if (known) known.leaving = false;
    return (known ?? this.#publish(language, speaker)).channel;
  }

  /** As `open`; undefined where nothing was ever said. */
  get(language: LanguageCode, speaker: string): PlayoutChannel | undefined {
    return this.#find(language, speaker)?.channel;
  }

  /** How much speech waits in a language: on the track where most does. */
  queuedMs(language: LanguageCode): number {
    return Math.max(0, ...this.#in(language).map(({ channel }) => channel.queuedMs));
  }

  /** How late the latest of what waits in a language would sound. */
  delayMs(language: LanguageCode): number {
    return Math.max(0, ...this.#in(language).map(({ channel }) => channel.delayMs));
  }

  /** What has left on each track of a language. */
  farEndReferences(language: LanguageCode): FarEndReference[] {
    return this.#in(language).map(({ channel }) => channel.farEnd);
  }

  /** What became of the sound, for each track. */
  get counts(): { language: LanguageCode; speaker: string | undefined; counts: Readonly<PlayoutCounts> }[] {
    return this.#channels.map(({ channel, language, speaker }) => ({ language, speaker, counts: channel.counts }));
  }

  /** Nobody hears the speaker in any language from now on; what was said comes out. */
  removeSpeaker(speaker: string): void {
    for (const owned of this.#channels.filter((one) => one.speaker === speaker)) {
      owned.leaving = true;
      this.#closeOnceSilent(owned);
    }
  }

  /** Another provides the language. */
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
    const { connection, tracks, maxLagMs: limitMs, clock, onPlayout, onFailed } = this.#options;
    const own = tracks === 'perSpeaker' ? speaker : undefined;
    const channel = new PlayoutChannel({
      language,
      output: connection.publishChannel(language, own),
      maxLagMs: limitMs,
      clock,
      onPlayout: (event) => {
        onPlayout(language, event);
        if (owned.leaving) this.#closeOnceSilent(owned);
      },
      onFailed: (error) => onFailed(language, error),
    });
    const owned: OwnedChannel = { channel, language, speaker: own, leaving: false, cancelClose: undefined };
    this.#channels.push(owned);
    return owned;
  }

  #closeOnceSilent(owned: OwnedChannel): void {
    owned.cancelClose?.();
    owned.cancelClose = this.#options.clock.after(LAST_PACKET_MS, () => {
      if (!owned.leaving || !owned.channel.isIdle) return;
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
