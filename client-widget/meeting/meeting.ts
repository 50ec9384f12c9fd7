/**
 * One person's session in a meeting, for the page to show: room, playback, active speakers, captions, host controls. `close` releases
 * everything.
 */
import type { HeardLanguage, LanguageCode, LanguagesResponse, ReadLanguages } from '@mediasoup-booth/protocol';
import { type Clock, systemClock } from '../../time/clock.ts';
import { RemoteLevels } from '../media/audio-levels.ts';
import type { LocalMedia } from '../media/local-media.ts';
import type { MicrophoneLevel } from '../media/microphone-level.ts';
import { PageRoom, type PageRoomOptions } from '../media/page-room.ts';
import { Playback } from '../media/playback.ts';
import { hasGrant } from '../media/token-grants.ts';
import { Store } from '../state/store.ts';
import { ActiveSpeakers } from './active-speakers.ts';
import { CaptionLog } from './caption-log.ts';
import { CaptionStreams } from './caption-streams.ts';
import type { ChannelChoice, ChannelSource } from './channel-source.ts';
import { HostControls } from './host-controls.ts';
import { InviteLink } from './invitation.ts';
import { type LanguageOffers, understood } from './language-offers.ts';
import { PendingTranslationCounter } from './pending-translation-counter.ts';
import type { RoomAccess } from './rest.ts';
import { UnheardSpeech } from './unheard-speech.ts';

const LEVELS_EVERY_MS = 100;

interface MeetingSessionOptions
  extends Omit<PageRoomOptions, 'local' | 'everyLanguage' | 'staysWithoutMedia' | 'onMutedByHost'> {
  roomName: string;
  local: LocalMedia;
  microphoneLevel: MicrophoneLevel;
  languages: LanguagesResponse;
  offers: LanguageOffers;
  /** The element to which `<audio>` elements are added. */
  audioContainer: HTMLElement;
  /** Default: the browser's clock. */
  clock?: Clock;
  /** Called on close, to let another tab have the microphone. */
  release(): void;
}

export class MeetingSession implements ChannelSource {
  readonly room: PageRoom;
  readonly local: LocalMedia;
  readonly languages: LanguagesResponse;
  readonly offers: LanguageOffers;
  readonly playback: Playback;
  readonly activeSpeakers = new ActiveSpeakers();
  readonly captions: CaptionLog;
  readonly channels: Store<ChannelChoice>;
  /** How many listeners still hear or wait for a speaker's translation, by speaker id. */
  readonly listenersBehind = new Store<ReadonlyMap<string, number>>(new Map());
  /** A host has muted this person, who has not unmuted since. */
  readonly mutedByHost = new Store(false);
  readonly unheardSpeech = new UnheardSpeech();
  readonly hostControls: HostControls;
  readonly invitation: InviteLink;
  readonly #options: MeetingSessionOptions;
  readonly #levels = new RemoteLevels();
  readonly #pendingTranslations = new PendingTranslationCounter();
  /** Where captions come from while media do not get through. */
  readonly #captionStreams: CaptionStreams;
  readonly #unwatch: () => void;
  readonly #clock: Clock;
  #cancelMeasure: (() => void) | undefined;

  constructor(options: MeetingSessionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.local = options.local;
    this.languages = options.languages;
    this.offers = options.offers;
    this.room = new PageRoom({
      ...options,
      local: options.local.tracks,
      everyLanguage: true,
      staysWithoutMedia: true,
      onMutedByHost: () => this.#mutedByHost(),
    });
    this.hostControls = new HostControls(() => this.access, this.#clock);
    this.invitation = new InviteLink(() => this.access, localStorage);
    this.room.onMessage((message) => this.#pendingTranslations.push(message, this.#clock.now()));
    const unwatches = [
      options.local.state.watch(({ microphone }) => {
        if (microphone.is !== 'on' || !microphone.muted) this.mutedByHost.set(false);
      }),
      options.microphoneLevel.level.watch((level) => this.unheardSpeech.pushLevel(level, this.#clock.now())),
      this.room.state.watch(({ connection }) => this.unheardSpeech.pushConnection(connection, this.#clock.now())),
    ];
    this.#unwatch = () => {
      for (const unwatch of unwatches) unwatch();
    };
    this.captions = new CaptionLog(this.room);
    this.#captionStreams = new CaptionStreams({
      server: options.server,
      room: options.roomName,
      token: () => this.room.token ?? '',
      onMessage: (message) => this.captions.add(message),
    });
    this.room.mediaBlocked.watch(() => this.#streamCaptions());
    let { deletions } = this.room.state.value;
    this.room.state.watch((state) => {
      this.#streamCaptions();
      if (state.deletions !== deletions) this.captions.clear();
      deletions = state.deletions;
    });
    this.playback = new Playback(this.room, options.audioContainer, this.#clock);
    this.channels = new Store<ChannelChoice>({ voices: options.offers.hears, hears: options.preferences.hears });
    this.#scheduleMeasure();
  }

  get access(): RoomAccess {
    return { room: this.#options.roomName, token: this.room.token ?? '' };
  }

  /** Whether this person's token has the grant `host`. */
  get isHost(): boolean {
    return hasGrant('host', this.room.token);
  }

  selectChannel(hears: HeardLanguage): void {
    this.channels.set({ ...this.channels.value, hears });
    this.playback.fadeOutChannel().then(() => this.room.update({ hears: this.channels.value.hears }));
  }

  read(reads: ReadLanguages): void {
    this.room.update({ reads });
    this.#streamCaptions();
  }

  /** Whether the engine translates from one language into another. */
  readonly translates = (from: LanguageCode, to: LanguageCode): boolean =>
    this.languages.targets.some((target) => target.code === to && target.from.includes(from));

  readonly understands = (speaks: LanguageCode | null): boolean => understood(speaks, this.languages);

  close(): void {
    this.#cancelMeasure?.();
    this.#unwatch();
    this.#captionStreams.reconcile([]);
    this.hostControls.close();
    this.room.leave();
    this.playback.close();
    this.#levels.close();
    this.#options.release();
  }

  /** Streams what this person reads while the room brings none of it. */
  #streamCaptions(): void {
    const { connection } = this.room.state.value;
    const isNeeded = this.room.mediaBlocked.value || (connection.is === 'joined' && connection.unreachable === true);
    this.#captionStreams.reconcile(isNeeded ? this.room.preferences.reads : []);
  }

  #mutedByHost(): void {
    this.local.setMuted(true);
    this.mutedByHost.set(true);
  }

  #scheduleMeasure(): void {
    this.#cancelMeasure = this.#clock.after(LEVELS_EVERY_MS, () => {
      this.#scheduleMeasure();
      this.#measure();
    });
  }

  #measure(): void {
    const voices = this.room.tracks.value.filter(({ source }) => source === 'microphone');
    const levels = this.#levels.measure(voices);
    const { you } = this.room.state.value;
    if (you) levels.set(you.id, this.#options.microphoneLevel.level.value);
    this.activeSpeakers.update(levels, this.#clock.now());
    this.#updateListenersBehind();
  }

  #updateListenersBehind(): void {
    const { you, others } = this.room.state.value;
    this.#pendingTranslations.retain(new Set([...others.keys(), ...(you ? [you.id] : [])]));
    const counts = this.#pendingTranslations.listenersBySpeaker(this.#clock.now());
    const { value } = this.listenersBehind;
    const same = value.size === counts.size && [...counts].every(([id, count]) => value.get(id) === count);
    if (!same) this.listenersBehind.set(counts);
  }
}
