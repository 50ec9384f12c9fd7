/**
 * Makes a room heard: a voice for everybody and for the channel, whose volume follows whose translation sounds. The channel
 * comes and goes gently, so that another one takes its place without a click.
 */
import type { HeardLanguage, LanguageCode } from '../../protocol/languages.ts';
import type { RoomMessage } from '../../protocol/room-messages.ts';
import type { TrackSource } from '../../protocol/rooms.ts';
import { Store, type Watched } from '../state/store.ts';
import { boundedBalance, type Gains, gainsOf, USUAL_BALANCE_DB } from './balance.ts';
import { Ducking, faded, ramped } from './ducking.ts';
import { holdBack } from './hold.ts';
import { ElementVoice, TrackVoice, type Voice } from './audio-player.ts';

const STEP_MS = 10;
/** However late a timer is, no step is a leap. */
const LONGEST_STEP_MS = 12;
/** What was rendered at the last volume is still on its way to the loudspeaker for so long. */
const RENDERED_MS = 40;

/** One thing to be heard: a track that came, or an element in which the page plays it already. */
export interface Sound {
  producerId: string;
  participantId: string;
  kind: 'audio' | 'video';
  source: TrackSource;
  track?: MediaStreamTrack;
  element?: HTMLMediaElement;
  /** What receives it, and the picture that goes with it. */
  receivers?: readonly RTCRtpReceiver[];
  /** How loud its sender says it is now, 0-1; undefined where they send sound and say nothing of it. */
  amplitude?(): number | undefined;
}

export interface HallState {
  you: { id: string } | undefined;
  others: ReadonlyMap<string, { speaks: LanguageCode | null }>;
}

/** What can be heard: a room that one is in, or what a page has of one. */
export interface Hall {
  readonly tracks: Watched<readonly Sound[]>;
  readonly state: Watched<HallState>;
  readonly preferences: { hears: HeardLanguage };
  onMessage(listener: (message: RoomMessage) => void): () => void;
}

interface Playing {
  voice: Voice;
  sound: Sound;
}

export class Playback {
  /** The browser does not let the page sound before a gesture; `unlock` is for that gesture. */
  readonly blocked = new Store(false);
  readonly #hall: Hall;
  readonly #place: Node;
  readonly #playing = new Map<string, Playing>();
  readonly #ducking = new Ducking();
  readonly #endings: (() => void)[];
  #hears: string;
  #gains: Gains = gainsOf(USUAL_BALANCE_DB);
  #delayMs = 0;
  /** Whom the browser did not let sound yet. */
  readonly #refused = new Set<Voice>();
  #hushed: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #steppedMs = 0;
  #moving = false;

  constructor(hall: Hall, place: Node) {
    this.#hall = hall;
    this.#place = place;
    this.#hears = hall.preferences.hears;
    this.#endings = [
      hall.tracks.watch((tracks) => this.#play(tracks)),
      hall.state.watch(() => this.#step()),
      hall.onMessage((message) => {
        if (message.type !== 'playout' || message.language !== this.#hears) return;
        this.#ducking.heard(message, performance.now());
        this.#step();
      }),
    ];
    this.#play(hall.tracks.value);
  }

  unlock(): void {
    for (const { voice } of this.#playing.values()) this.#start(voice);
  }

  balance(db: number): void {
    this.#gains = gainsOf(boundedBalance(db));
    this.#step();
  }

  /** Of originals, so that they meet their translation. */
  delay(ms: number): void {
    this.#delayMs = ms;
    for (const { sound } of this.#playing.values()) this.#holdBack(sound, ms);
  }

  /** Settles when the channel is silent, which it stays until another one comes. */
  async hush(): Promise<void> {
    this.#hushed?.();
    await new Promise<void>((resolve) => {
      this.#hushed = resolve;
      this.#step();
    });
    await new Promise((resolve) => setTimeout(resolve, RENDERED_MS));
  }

  /** The volume at which something is played, from 0 to 1. */
  volumeOf(producerId: string): number {
    return this.#playing.get(producerId)?.voice.volume ?? 0;
  }

  close(): void {
    for (const end of this.#endings) end();
    this.#play([]);
    clearTimeout(this.#timer);
    this.#hushed?.();
  }

  #play(sounds: readonly Sound[]): void {
    const audible = new Map(sounds.filter(({ kind }) => kind === 'audio').map((sound) => [sound.producerId, sound]));
    for (const [id, { voice, sound }] of this.#playing) {
      if (audible.has(id)) continue;
      voice.close();
      this.#allowed(voice);
      this.#holdBack(sound, 0);
      this.#playing.delete(id);
    }
    for (const [id, sound] of audible) {
      const playing = this.#playing.get(id);
      // A picture may have come to it.
      if (playing) playing.sound = sound;
      else this.#add(id, sound);
      if (this.#delayMs > 0) this.#holdBack(sound, this.#delayMs);
    }
    this.#step();
  }

  #add(id: string, sound: Sound): void {
    const voice = this.#voiceOf(sound);
    if (!voice) return;
    if (sound.source === 'channel') {
      voice.volume = 0;
      this.#hushed = undefined;
    }
    this.#playing.set(id, { voice, sound });
    this.#start(voice);
  }

  #holdBack({ source, receivers = [] }: Sound, ms: number): void {
    if (source !== 'channel') holdBack(receivers, ms);
  }

  #voiceOf({ element, track, source, participantId }: Sound): Voice | undefined {
    if (element) return new ElementVoice(element);
    if (!track) return undefined;
    const own = document.createElement('audio');
    own.autoplay = true;
    own.dataset.source = source;
    if (source === 'channel') own.dataset.language = this.#hall.preferences.hears;
    else own.dataset.participant = participantId;
    this.#place.appendChild(own);
    return new TrackVoice(own, track);
  }

  #start(voice: Voice): void {
    voice.start().then(
      () => this.#allowed(voice),
      (error: unknown) => {
        // An element that was taken away while it started is no trouble.
        if (error instanceof DOMException && error.name === 'NotAllowedError' && this.#plays(voice))
          this.#refused.add(voice);
        this.blocked.set(this.#refused.size > 0);
      },
    );
  }

  #plays(voice: Voice): boolean {
    return [...this.#playing.values()].some((playing) => playing.voice === voice);
  }

  /** It sounds, or is gone. */
  #allowed(voice: Voice): void {
    this.#refused.delete(voice);
    this.blocked.set(this.#refused.size > 0);
  }

  /** Moves every volume towards its target, and comes back while one is on its way or when the targets change. */
  #step(): void {
    clearTimeout(this.#timer);
    const nowMs = performance.now();
    const elapsedMs = this.#moving ? Math.min(nowMs - this.#steppedMs, LONGEST_STEP_MS) : 0;
    this.#steppedMs = nowMs;
    const { hears } = this.#hall.preferences;
    if (hears !== this.#hears) {
      this.#hears = hears;
      this.#ducking.reset();
    }
    const { you, others } = this.#hall.state.value;
    const duck = this.#ducking.at(nowMs, { id: you?.id ?? '', hears }, (id) => others.get(id)?.speaks);
    const { translation, original, lowered } = this.#gains;
    const channelTarget = this.#hushed || duck.channelMuted ? 0 : translation;
    let channelSounds = false;
    this.#moving = false;
    for (const { voice, sound } of this.#playing.values()) {
      const isChannel = sound.source === 'channel';
      const target = isChannel ? channelTarget : originalGain(sound);
      voice.volume = (isChannel ? faded : ramped)(voice.volume, target, elapsedMs);
      this.#moving ||= voice.volume !== target;
      channelSounds ||= isChannel && voice.volume > 0;
    }
    if (!channelSounds) this.#hushed?.();
    if (this.#moving) this.#timer = setTimeout(() => this.#step(), STEP_MS);
    else if (duck.nextAtMs !== undefined)
      this.#timer = setTimeout(() => this.#step(), Math.max(0, duck.nextAtMs - nowMs));

    function originalGain({ participantId, source }: Sound): number {
      if (hears === 'original') return 1;
      // What a computer plays is not interpreted: nothing comes in its place.
      if (source !== 'microphone' || others.get(participantId)?.speaks === hears) return 1;
      return duck.lowered.has(participantId) ? lowered : original;
    }
  }
}
