/**
 * Everything that one person's presence in a room consists of, for a page to show: the room, what it sounds like, who
 * speaks, what was said. Closing it leaves nothing behind.
 */
import type { HeardLanguage, LanguageCode, ReadLanguages } from '../../protocol/languages.ts';
import type { LanguagesResponse } from '../../protocol/rest.ts';
import { may } from '../media/grants.ts';
import type { LocalMedia } from '../media/local-media.ts';
import type { OwnLevel } from '../media/microphone-level.ts';
import { Playback } from '../media/playback.ts';
import { RemoteLevels } from '../media/audio-levels.ts';
import { Room, type RoomOptions } from '../media/room.ts';
import { Store } from '../state/store.ts';
import { CaptionLog } from './caption-log.ts';
import type { ChannelSource, Channels } from './channel-source.ts';
import { Desk } from './host-controls.ts';
import { Invitation } from './invitation.ts';
import { type Offers, understood } from './language-offers.ts';
import type { Pass } from './rest.ts';
import { Speaking } from './active-speakers.ts';
import { StillListening } from './still-listening.ts';

const LEVELS_EVERY_MS = 100;

export interface MeetingOptions extends Omit<RoomOptions, 'local' | 'everyLanguage' | 'silenced'> {
  roomName: string;
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
  /** By speaker: how many a translation still sounds to. */
  readonly awaited = new Store<ReadonlyMap<string, number>>(new Map());
  /** A host has muted me, and I have not unmuted since. */
  readonly silenced = new Store(false);
  readonly desk: Desk;
  readonly invitation: Invitation;
  readonly #options: MeetingOptions;
  readonly #levels = new RemoteLevels();
  readonly #stillListening = new StillListening();
  readonly #unwatch: () => void;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: MeetingOptions) {
    this.#options = options;
    this.local = options.local;
    this.languages = options.languages;
    this.offers = options.offers;
    this.room = new Room({
      ...options,
      local: options.local.tracks,
      everyLanguage: true,
      silenced: () => this.#mutedByHost(),
    });
    this.desk = new Desk(() => this.pass);
    this.invitation = new Invitation(() => this.pass, localStorage);
    this.room.onMessage((message) => this.#stillListening.heard(message, performance.now()));
    this.#unwatch = options.local.state.watch(({ microphone }) => {
      if (microphone.is !== 'on' || !microphone.muted) this.silenced.set(false);
    });
    this.captions = new CaptionLog(this.room);
    let { deletions } = this.room.state.value;
    this.room.state.watch((state) => {
      if (state.deletions !== deletions) this.captions.forget();
      deletions = state.deletions;
    });
    this.playback = new Playback(this.room, options.place);
    this.channels = new Store<Channels>({ voices: options.offers.hears, hears: options.preferences.hears });
    this.#timer = setInterval(() => this.#measure(), LEVELS_EVERY_MS);
  }

  get pass(): Pass {
    return { room: this.#options.roomName, token: this.room.token ?? '' };
  }

  /** Whether I may command interpreters, let in, mute and remove others, and settle what holds in the room. */
  get hosts(): boolean {
    return may('host', this.room.token);
  }

  hear(hears: HeardLanguage): void {
    this.channels.set({ ...this.channels.value, hears });
    this.playback.hush().then(() => this.room.update({ hears: this.channels.value.hears }));
  }

  read(reads: ReadLanguages): void {
    this.room.update({ reads });
  }

  /** Whether a translation from one language into another can come. */
  readonly translates = (from: LanguageCode, to: LanguageCode): boolean =>
    this.languages.targets.some((target) => target.code === to && target.from.includes(from));

  readonly understands = (speaks: LanguageCode | null): boolean => understood(speaks, this.languages);

  close(): void {
    clearInterval(this.#timer);
    this.#unwatch();
    this.desk.close();
    this.room.leave();
    this.playback.close();
    this.#levels.close();
    this.#options.release();
  }

  #mutedByHost(): void {
    this.local.setMuted(true);
    this.silenced.set(true);
  }

  #measure(): void {
    const voices = this.room.tracks.value.filter(({ source }) => source === 'microphone');
    const levels = this.#levels.measure(voices);
    const { you } = this.room.state.value;
    if (you) levels.set(you.id, this.#options.ownLevel.level.value);
    this.speaking.heard(levels, performance.now());
    this.#lookWhoWaits();
  }

  #lookWhoWaits(): void {
    const { you, others } = this.room.state.value;
    this.#stillListening.keep(new Set([...others.keys(), ...(you ? [you.id] : [])]));
    const awaited = this.#stillListening.at(performance.now());
    const { value } = this.awaited;
    const same = value.size === awaited.size && [...awaited].every(([id, count]) => value.get(id) === count);
    if (!same) this.awaited.set(awaited);
  }
}
