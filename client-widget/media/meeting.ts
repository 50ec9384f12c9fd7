/**
 * Everything that one person's presence in a room consists of, for a page to show: the room, what it sounds like, who
 * speaks, what was said. Closing it leaves nothing behind.
 */
import type { Heard, LanguageCode, Read } from '../../protocol/languages.ts';
import type { LanguagesResponse } from '../../protocol/rest.ts';
import type { ChannelSource, Channels } from '../channels/source.ts';
import { CaptionLog } from './caption-log.ts';
import type { LocalMedia } from './local-media.ts';
import { type Offers, understood } from './offers.ts';
import type { OwnLevel } from './own-level.ts';
import { Playback } from './playback.ts';
import { RemoteLevels } from './remote-levels.ts';
import { Room, type RoomOptions } from './room.ts';
import { Speaking } from './speaking.ts';
import { Store } from './store.ts';

const LEVELS_EVERY_MS = 100;

export interface MeetingOptions extends Omit<RoomOptions, 'local'> {
  local: LocalMedia;
  ownLevel: OwnLevel;
  languages: LanguagesResponse;
  offers: Offers;
  /** Where `<audio>` elements are put. */
  place: HTMLElement;
  /** Lets another tab have the microphone. */
  release(): void;
}

export class Meeting implements ChannelSource {
  readonly room: Room;
  readonly local: LocalMedia;
  readonly languages: LanguagesResponse;
  readonly offers: Offers;
  readonly playback: Playback;
  readonly speaking = new Speaking();
  readonly captions: CaptionLog;
  readonly channels: Store<Channels>;
  readonly #options: MeetingOptions;
  readonly #levels = new RemoteLevels();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: MeetingOptions) {
    this.#options = options;
    this.local = options.local;
    this.languages = options.languages;
    this.offers = options.offers;
    this.room = new Room({ ...options, local: options.local.tracks });
    this.captions = new CaptionLog(this.room);
    this.playback = new Playback(this.room, options.place);
    this.channels = new Store<Channels>({ voices: options.offers.hears, hears: options.preferences.hears });
    this.#timer = setInterval(() => this.#measure(), LEVELS_EVERY_MS);
  }

  hear(hears: Heard): void {
    this.channels.set({ ...this.channels.value, hears });
    this.playback.hush().then(() => this.room.update({ hears: this.channels.value.hears }));
  }

  read(reads: Read): void {
    this.room.update({ reads });
  }

  /** Whether a translation from one language into another can come. */
  readonly translates = (from: LanguageCode, to: LanguageCode): boolean =>
    this.languages.targets.some((target) => target.code === to && target.from.includes(from));

  readonly understands = (speaks: LanguageCode | null): boolean => understood(speaks, this.languages);

  close(): void {
    clearInterval(this.#timer);
    this.room.leave();
    this.playback.close();
    this.#levels.close();
    this.#options.release();
  }

  #measure(): void {
    const voices = this.room.tracks.value.filter(({ source }) => source === 'microphone');
    const levels = this.#levels.measure(voices);
    const { you } = this.room.state.value;
    if (you) levels.set(you.id, this.#options.ownLevel.level.value);
    this.speaking.heard(levels, performance.now());
  }
}
