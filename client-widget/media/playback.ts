/**
 * Makes a room heard: an `<audio>` element for every voice and for the channel, whose volume follows whose translation
 * sounds. Elements rather than a graph of nodes, because browsers cancel echo only for what elements play.
 */
import { Ducking, LOWERED, ramped } from './ducking.ts';
import type { RemoteTrack, Room } from './room.ts';
import { Store } from './store.ts';

const STEP_MS = 20;

export class Playback {
  /** The browser does not let the page sound before a gesture; `unlock` is for that gesture. */
  readonly blocked = new Store(false);
  readonly #room: Room;
  readonly #place: HTMLElement;
  readonly #elements = new Map<string, { element: HTMLAudioElement; track: RemoteTrack }>();
  readonly #ducking = new Ducking();
  readonly #endings: (() => void)[];
  #hears: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #steppedMs = 0;

  constructor(room: Room, place: HTMLElement) {
    this.#room = room;
    this.#place = place;
    this.#hears = room.preferences.hears;
    this.#endings = [
      room.tracks.watch((tracks) => this.#play(tracks)),
      room.state.watch(() => this.#step()),
      room.onMessage((message) => {
        if (message.type !== 'playout' || message.language !== this.#hears) return;
        this.#ducking.heard(message, performance.now());
        this.#step();
      }),
    ];
    this.#play(room.tracks.value);
  }

  unlock(): void {
    for (const { element } of this.#elements.values()) this.#start(element);
  }

  close(): void {
    for (const end of this.#endings) end();
    clearTimeout(this.#timer);
    this.#play([]);
  }

  #play(tracks: readonly RemoteTrack[]): void {
    const audible = new Map(tracks.filter(({ kind }) => kind === 'audio').map((track) => [track.producerId, track]));
    for (const [id, { element }] of this.#elements) {
      if (audible.has(id)) continue;
      element.srcObject = null;
      element.remove();
      this.#elements.delete(id);
    }
    for (const [id, track] of audible) if (!this.#elements.has(id)) this.#add(id, track);
    this.#step();
  }

  #add(id: string, track: RemoteTrack): void {
    const element = document.createElement('audio');
    element.autoplay = true;
    element.dataset.source = track.source;
    if (track.source === 'channel') element.dataset.language = this.#room.preferences.hears;
    else element.dataset.participant = track.participantId;
    element.srcObject = new MediaStream([track.track]);
    this.#place.append(element);
    this.#elements.set(id, { element, track });
    this.#start(element);
  }

  #start(element: HTMLAudioElement): void {
    element.play().then(
      () => this.blocked.set(false),
      (error: unknown) => {
        // An element that was taken away while it started is no trouble.
        if (error instanceof DOMException && error.name === 'NotAllowedError') this.blocked.set(true);
      },
    );
  }

  /** Moves every volume towards its target, and comes back while one is on its way or when the targets change. */
  #step(): void {
    clearTimeout(this.#timer);
    const nowMs = performance.now();
    const elapsedMs = Math.min(nowMs - this.#steppedMs, STEP_MS * 2);
    this.#steppedMs = nowMs;
    const { hears } = this.#room.preferences;
    if (hears !== this.#hears) {
      this.#hears = hears;
      this.#ducking.reset();
    }
    const { you, others } = this.#room.state.value;
    const duck = this.#ducking.at(nowMs, { id: you?.id ?? '', hears }, (id) => others.get(id)?.speaks);
    let moving = false;
    for (const { element, track } of this.#elements.values()) {
      const lowered = duck.lowered.has(track.participantId) ? LOWERED : 1;
      const target = track.source === 'channel' ? (duck.channelMuted ? 0 : 1) : lowered;
      element.volume = ramped(element.volume, target, elapsedMs);
      moving ||= element.volume !== target;
    }
    if (moving) this.#timer = setTimeout(() => this.#step(), STEP_MS);
    else if (duck.nextAtMs !== undefined)
      this.#timer = setTimeout(() => this.#step(), Math.max(0, duck.nextAtMs - nowMs));
  }
}
