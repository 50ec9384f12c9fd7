/**
 * Plays one sound at a volume. It uses an `<audio>` element, because browsers cancel the echo only of what elements play; it uses Web
 * Audio only where the volume of an element is fixed (iOS).
 */
export interface AudioPlayer {
  /** The volume, from 0 to 1. */
  volume: number;
  /** Rejects with `NotAllowedError` where the browser waits for a gesture. */
  start(): Promise<void>;
  /** Calls `listener` whenever the player is paused by something else than its owner, as by the system; not for a track that has ended. */
  onPaused(listener: () => void): void;
  close(): void;
}

let fixed: boolean | undefined;

/** On iOS only the phone's own buttons change the volume of an element. */
function volumeIsFixed(): boolean {
  if (fixed === undefined) {
    const element = document.createElement('audio');
    element.volume = 0.5;
    fixed = element.volume !== 0.5;
  }
  return fixed;
}

/** Plays a track in an element that belongs to the player. */
export class TrackPlayer implements AudioPlayer {
  readonly #element: HTMLAudioElement;
  readonly #track: MediaStreamTrack;
  readonly #graph: Graph | undefined;
  #volume = 1;

  constructor(element: HTMLAudioElement, track: MediaStreamTrack) {
    this.#element = element;
    this.#track = track;
    const stream = new MediaStream([track]);
    element.srcObject = stream;
    if (!volumeIsFixed()) return;
    this.#graph = new Graph(stream);
    // The element keeps playing, muted: without it, some browsers feed a remote stream's audio to no Web Audio graph.
    element.muted = true;
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = volume;
    if (this.#graph) this.#graph.volume = volume;
    else this.#element.volume = volume;
  }

  async start(): Promise<void> {
    await this.#element.play();
    await this.#graph?.start();
  }

  onPaused(listener: () => void): void {
    this.#element.addEventListener('pause', () => {
      if (this.#track.readyState === 'live') listener();
    });
    this.#graph?.onPaused(listener);
  }

  close(): void {
    this.#graph?.close();
    this.#element.srcObject = null;
    this.#element.remove();
  }
}

/**
 * Changes the volume of an element that the embedding page plays. The page's own volume counts as full: a value that this player has not
 * written is the page's or its person's, and stays until the gain changes.
 */
export class ElementPlayer implements AudioPlayer {
  readonly #element: HTMLMediaElement;
  readonly #graph: Graph | undefined;
  #full: number;
  /** The element's volume as this player left it. */
  #written: number;
  #gain = 1;

  constructor(element: HTMLMediaElement) {
    this.#element = element;
    this.#full = this.#written = element.volume;
    if (!volumeIsFixed() || element.muted || !(element.srcObject instanceof MediaStream)) return;
    this.#graph = new Graph(element.srcObject);
    element.muted = true;
  }

  get volume(): number {
    return this.#gain;
  }

  set volume(gain: number) {
    if (gain === this.#gain) return;
    this.#gain = gain;
    if (this.#graph) this.#graph.volume = gain;
    else this.#write(gain);
  }

  /** Starts only the Web Audio graph; the page itself starts the element. */
  async start(): Promise<void> {
    await this.#graph?.start();
  }

  /** Only of the Web Audio graph: an element that the page has paused stays paused. */
  onPaused(listener: () => void): void {
    this.#graph?.onPaused(listener);
  }

  close(): void {
    if (this.#graph) {
      this.#graph.close();
      this.#element.muted = false;
    } else if (this.#element.volume === this.#written) this.#write(1);
  }

  #write(gain: number): void {
    const { volume } = this.#element;
    if (volume !== this.#written) this.#full = volume;
    this.#element.volume = this.#full * gain;
    this.#written = this.#element.volume;
  }
}

/** Plays a stream through Web Audio at any volume. */
class Graph {
  readonly #context = new AudioContext();
  readonly #gain = this.#context.createGain();

  constructor(stream: MediaStream) {
    this.#context.createMediaStreamSource(stream).connect(this.#gain).connect(this.#context.destination);
  }

  set volume(volume: number) {
    this.#gain.gain.value = volume;
  }

  /** Resolves once it plays; rejects after 500 ms, because a browser that waits for a gesture never answers. */
  async start(): Promise<void> {
    const resumed = this.#context.resume();
    await Promise.race([resumed, new Promise((resolve) => setTimeout(resolve, 500))]);
    if (this.#context.state !== 'running') throw new DOMException('A gesture is needed.', 'NotAllowedError');
  }

  onPaused(listener: () => void): void {
    let ran = false;
    this.#context.addEventListener('statechange', () => {
      const runs = this.#context.state === 'running';
      if (ran && !runs) listener();
      ran = runs;
    });
  }

  close(): void {
    this.#context.close().catch(() => undefined);
  }
}
