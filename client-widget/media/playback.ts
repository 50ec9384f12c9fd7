/**
 * Plays the sounds of a room, and ducks the originals whose translation plays. A channel fades in and out, so that another one replaces it
 * without a click.
 */
import type { HeardLanguage, LanguageCode, RoomMessage, TrackSource } from '@mediasoup-booth/protocol';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { Watched } from '../state/store.ts';
import { measuredByProducer, RemoteLevels } from './audio-levels.ts';
import { type AudioPlayer, ElementPlayer, TrackPlayer } from './audio-player.ts';
import { boundedBalance, type Gains, gainsOf, USUAL_BALANCE_DB } from './balance.ts';
import { Ducking, faded, ramped } from './ducking.ts';
import { PlayerStarter } from './player-starter.ts';
import { setReceiverDelay } from './receiver-delay.ts';

const STEP_MS = 10;
/** The longest time that one volume step accounts for, so that a late timer causes no jump. */
const LONGEST_STEP_MS = 12;
/** Audio that was rendered at the previous volume takes this long to reach the loudspeaker. */
const RENDERED_MS = 40;
/** How often it is looked whether a channel still sounds whose translation plays. */
const ACTIVITY_MS = 250;

/** One sound to play: a received track, or an element in which the embedding page plays it. */
export interface Sound {
  producerId: string;
  participantId: string;
  kind: 'audio' | 'video';
  source: TrackSource;
  track?: MediaStreamTrack;
  element?: HTMLMediaElement;
  /** The receivers of the sound and of the video that belongs to it. */
  receivers?: readonly RTCRtpReceiver[];
  /** The audio level in its RTP packets, 0-1; undefined where packets carry none. */
  amplitude?(): number | undefined;
}

export interface AudioSceneState {
  you: { id: string } | undefined;
  others: ReadonlyMap<string, { speaks: LanguageCode | null }>;
}

/** A source of sounds: a room that was joined, or what an embedding page has of one. */
export interface AudioScene {
  readonly tracks: Watched<readonly Sound[]>;
  readonly state: Watched<AudioSceneState>;
  readonly preferences: { hears: HeardLanguage };
  onMessage(listener: (message: RoomMessage) => void): () => void;
}

interface Playing {
  player: AudioPlayer;
  sound: Sound;
}

export class Playback {
  /** Whether the browser waits for a gesture before it plays sound: any on the page, or one in which `unlock` is called. */
  readonly blocked: Watched<boolean>;
  readonly #starter: PlayerStarter;
  readonly #scene: AudioScene;
  readonly #container: Node;
  readonly #clock: Clock;
  readonly #playing = new Map<string, Playing>();
  readonly #ducking = new Ducking();
  readonly #levels = new RemoteLevels();
  readonly #endings: (() => void)[];
  #hears: string;
  #gains: Gains = gainsOf(USUAL_BALANCE_DB);
  #muted = false;
  #delayMs = 0;
  #onChannelSilent: (() => void) | undefined;
  #cancelStep: (() => void) | undefined;
  #steppedMs = 0;
  #moving = false;

  constructor(scene: AudioScene, container: Node, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#starter = new PlayerStarter(clock);
    this.blocked = this.#starter.blocked;
    this.#scene = scene;
    this.#container = container;
    this.#hears = scene.preferences.hears;
    this.#endings = [
      scene.tracks.watch((tracks) => this.#play(tracks)),
      scene.state.watch(() => this.#step()),
      scene.onMessage((message) => {
        if (message.type !== 'playout' || message.language !== this.#hears) return;
        this.#ducking.push(message, this.#clock.now());
        this.#step();
      }),
    ];
    this.#play(scene.tracks.value);
  }

  unlock(): void {
    this.#starter.startAll();
  }

  setBalance(db: number): void {
    this.#gains = gainsOf(boundedBalance(db));
    this.#step();
  }

  /** Mutes the channel, and has the originals at full volume meanwhile. */
  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#step();
  }

  /** Delays the originals, so that they play at the same time as their translation. */
  setDelay(ms: number): void {
    this.#delayMs = ms;
    for (const { sound } of this.#playing.values()) this.#setDelayOf(sound, ms);
  }

  /** Fades the channel out; resolves once it is silent, which it stays until another one is added. */
  async fadeOutChannel(): Promise<void> {
    this.#onChannelSilent?.();
    await new Promise<void>((resolve) => {
      this.#onChannelSilent = resolve;
      this.#step();
    });
    await new Promise<void>((resolve) => this.#clock.after(RENDERED_MS, resolve));
  }

  /** The volume at which something is played, from 0 to 1. */
  volumeOf(producerId: string): number {
    return this.#playing.get(producerId)?.player.volume ?? 0;
  }

  close(): void {
    for (const end of this.#endings) end();
    this.#play([]);
    this.#starter.close();
    this.#cancelStep?.();
    this.#onChannelSilent?.();
    this.#levels.close();
  }

  #play(sounds: readonly Sound[]): void {
    const audible = new Map(sounds.filter(({ kind }) => kind === 'audio').map((sound) => [sound.producerId, sound]));
    for (const [id, { player, sound }] of this.#playing) {
      if (audible.has(id)) continue;
      if (sound.source === 'channel') this.#ducking.end(this.#clock.now());
      this.#starter.remove(player);
      player.close();
      this.#setDelayOf(sound, 0);
      this.#playing.delete(id);
    }
    for (const [id, sound] of audible) {
      const playing = this.#playing.get(id);
      // A video track may have been added to the participant.
      if (playing) playing.sound = sound;
      else this.#add(id, sound);
      if (this.#delayMs > 0) this.#setDelayOf(sound, this.#delayMs);
    }
    this.#step();
  }

  #add(id: string, sound: Sound): void {
    const player = this.#createPlayer(sound);
    if (!player) return;
    if (sound.source === 'channel') {
      player.volume = 0;
      this.#onChannelSilent = undefined;
    }
    this.#playing.set(id, { player, sound });
    this.#starter.add(player);
  }

  #setDelayOf({ source, receivers = [] }: Sound, ms: number): void {
    if (source !== 'channel') setReceiverDelay(receivers, ms);
  }

  #createPlayer({ element, track, source, participantId }: Sound): AudioPlayer | undefined {
    if (element) return new ElementPlayer(element);
    if (!track) return undefined;
    const own = document.createElement('audio');
    own.autoplay = true;
    own.dataset.source = source;
    if (source === 'channel') own.dataset.language = this.#scene.preferences.hears;
    else own.dataset.participant = participantId;
    this.#container.appendChild(own);
    return new TrackPlayer(own, track);
  }

  /** Moves every volume towards its target. Schedules the next step while one is on its way, or when the ducking changes. */
  #step(): void {
    this.#cancelStep?.();
    const nowMs = this.#clock.now();
    const elapsedMs = this.#moving ? Math.min(nowMs - this.#steppedMs, LONGEST_STEP_MS) : 0;
    this.#steppedMs = nowMs;
    const { hears } = this.#scene.preferences;
    if (hears !== this.#hears) {
      this.#hears = hears;
      this.#ducking.reset();
    }
    this.#ducking.setPlaying(this.#channelPlays, nowMs);
    if (this.#ducking.isSounding) this.#listenToChannel(nowMs);
    const { you, others } = this.#scene.state.value;
    const ducking = this.#ducking.at(nowMs, { id: you?.id ?? '', hears }, (id) => others.get(id)?.speaks);
    const { translation, original, lowered } = this.#gains;
    const isMuted = this.#muted;
    const channelTarget = isMuted || this.#onChannelSilent || ducking.channelMuted ? 0 : translation;
    let channelSounds = false;
    this.#moving = false;
    for (const { player, sound } of this.#playing.values()) {
      const isChannel = sound.source === 'channel';
      const target = isChannel ? channelTarget : originalGain(sound);
      player.volume = (isChannel ? faded : ramped)(player.volume, target, elapsedMs);
      this.#moving ||= player.volume !== target;
      channelSounds ||= isChannel && player.volume > 0;
    }
    if (!channelSounds) this.#onChannelSilent?.();
    if (this.#moving) this.#cancelStep = this.#clock.after(STEP_MS, () => this.#step());
    else if (ducking.nextAtMs !== undefined || this.#ducking.isSounding) {
      const afterMs = (ducking.nextAtMs ?? Number.POSITIVE_INFINITY) - nowMs;
      const mostMs = this.#ducking.isSounding ? ACTIVITY_MS : afterMs;
      this.#cancelStep = this.#clock.after(Math.max(0, Math.min(afterMs, mostMs)), () => this.#step());
    }

    function originalGain({ participantId, source }: Sound): number {
      if (hears === 'original' || isMuted) return 1;
      // Shared computer audio is not interpreted, so that no translation replaces it.
      if (source !== 'microphone' || others.get(participantId)?.speaks === hears) return 1;
      return ducking.lowered.has(participantId) ? lowered : original;
    }
  }

  get #channels(): Playing[] {
    return [...this.#playing.values()].filter(({ sound }) => sound.source === 'channel');
  }

  /** Whether a channel is there, has received a packet, and is let to sound by the browser. */
  get #channelPlays(): boolean {
    return this.#channels.some(({ player, sound }) => this.#starter.isPlaying(player) && !sound.track?.muted);
  }

  /** Tells the ducking whether the channel sounds, where there is one. */
  #listenToChannel(nowMs: number): void {
    if (this.#channels.length === 0) return;
    const measured = this.#channels.flatMap(({ sound }) => measuredByProducer(sound));
    this.#ducking.setChannelActivity(this.#levels.anySounds(measured), nowMs);
  }
}
