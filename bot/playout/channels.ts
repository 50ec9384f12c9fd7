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
  limitMs: number;
  clock: Clock;
  onPlayout(language: LanguageCode, event: PlayoutEvent): void;
  onFailed(language: LanguageCode, error: unknown): void;
}

interface Owned {
  channel: PlayoutChannel;
  language: LanguageCode;
  /** Undefined: everybody's. */
  speaker: string | undefined;
  leaving: boolean;
  cancelClose: (() => void) | undefined;
}

export class PlayoutChannels {
  readonly #options: PlayoutChannelsOptions;
  readonly #owned: Owned[] = [];

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
  played(language: LanguageCode): FarEndReference[] {
    return this.#in(language).map(({ channel }) => channel.played);
  }

  /** What became of the sound, for each track. */
  get counts(): { language: LanguageCode; speaker: string | undefined; counts: Readonly<PlayoutCounts> }[] {
    return this.#owned.map(({ channel, language, speaker }) => ({ language, speaker, counts: channel.counts }));
  }

  /** Nobody hears the speaker in any language from now on; what was said comes out. */
  leave(speaker: string): void {
    for (const owned of this.#owned.filter((one) => one.speaker === speaker)) {
      owned.leaving = true;
      this.#closeOnceSilent(owned);
    }
  }

  /** Another provides the language. */
  closeAll(language: LanguageCode): void {
    for (const owned of this.#in(language)) {
      this.#owned.splice(this.#owned.indexOf(owned), 1);
      close(owned);
    }
  }

  close(): void {
    for (const owned of this.#owned.splice(0)) close(owned);
  }

  #publish(language: LanguageCode, speaker: string): Owned {
    const { connection, tracks, limitMs, clock, onPlayout, onFailed } = this.#options;
    const own = tracks === 'perSpeaker' ? speaker : undefined;
    const channel = new PlayoutChannel({
      language,
      opening: connection.publishChannel(language, own),
      limitMs,
      clock,
      onPlayout: (event) => {
        onPlayout(language, event);
        if (owned.leaving) this.#closeOnceSilent(owned);
      },
      onFailed: (error) => onFailed(language, error),
    });
    const owned: Owned = { channel, language, speaker: own, leaving: false, cancelClose: undefined };
    this.#owned.push(owned);
    return owned;
  }

  #closeOnceSilent(owned: Owned): void {
    owned.cancelClose?.();
    owned.cancelClose = this.#options.clock.after(LAST_PACKET_MS, () => {
      if (!owned.leaving || !owned.channel.isSilent) return;
      this.#owned.splice(this.#owned.indexOf(owned), 1);
      close(owned);
    });
  }

  #find(language: LanguageCode, speaker: string): Owned | undefined {
    const own = this.#options.tracks === 'perSpeaker' ? speaker : undefined;
    return this.#in(language).find((owned) => owned.speaker === own);
  }

  #in(language: LanguageCode): Owned[] {
    return this.#owned.filter((owned) => owned.language === language);
  }
}

function close({ channel, cancelClose }: Owned): void {
  cancelClose?.();
  channel.close();
}
