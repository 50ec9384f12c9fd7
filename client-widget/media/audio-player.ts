/**
 * One voice that is played, at a volume. It sounds through an `<audio>` element, because browsers cancel echo only for what elements
 * play of a connection; through Web Audio only where an element's volume is fixed (iOS).
 */
export interface AudioPlayer {
  /** From 0 to 1. */
  volume: number;
  /** Rejects with `NotAllowedError` where the browser waits for a gesture. */
  start(): Promise<void>;
  close(): void;
}

let fixed: boolean | undefined;

/** iOS leaves an element's volume to the buttons of the phone. */
function volumeIsFixed(): boolean {
  if (fixed === undefined) {
    const element = document.createElement('audio');
    element.volume = 0.5;
    fixed = element.volume !== 0.5;
  }
  return fixed;
}

/** A track in an element of our own. */
export class TrackPlayer implements AudioPlayer {
  readonly #element: HTMLAudioElement;
  readonly #graph: Graph | undefined;
  #volume = 1;

  constructor(element: HTMLAudioElement, track: MediaStreamTrack) {
    this.#element = element;
    const stream = new MediaStream([track]);
    element.srcObject = stream;
    if (!volumeIsFixed()) return;
    this.#graph = new Graph(stream);
    // It goes on, silent: without an element, some browsers give a graph nothing of what comes over a connection.
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

  close(): void {
    this.#graph?.close();
    this.#element.srcObject = null;
    this.#element.remove();
  }
}

/** What a page plays itself, in an element of its own: the volume that it has now is its full one. */
export class ElementPlayer implements AudioPlayer {
  readonly #element: HTMLMediaElement;
  readonly #full: number;
  readonly #wasMuted: boolean;
  readonly #graph: Graph | undefined;
  #volume = 1;

  constructor(element: HTMLMediaElement) {
    this.#element = element;
    this.#full = element.volume;
    this.#wasMuted = element.muted;
    if (!volumeIsFixed() || element.muted || !(element.srcObject instanceof MediaStream)) return;
    this.#graph = new Graph(element.srcObject);
    element.muted = true;
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = volume;
    if (this.#graph) this.#graph.volume = volume;
    else this.#element.volume = volume * this.#full;
  }

  /** Whether it plays is up to the page. */
  async start(): Promise<void> {
    await this.#graph?.start();
  }

  close(): void {
    this.#graph?.close();
    this.#element.muted = this.#wasMuted;
    this.#element.volume = this.#full;
  }
}

/** A stream through Web Audio, at any volume. */
class Graph {
  readonly #context = new AudioContext();
  readonly #gain = this.#context.createGain();

  constructor(stream: MediaStream) {
    this.#context.createMediaStreamSource(stream).connect(this.#gain).connect(this.#context.destination);
  }

  set volume(volume: number) {
    this.#gain.gain.value = volume;
  }

  /** Settles when it sounds; a browser that waits for a gesture would never say so. */
  async start(): Promise<void> {
    const resumed = this.#context.resume();
    await Promise.race([resumed, new Promise((resolve) => setTimeout(resolve, 500))]);
    if (this.#context.state !== 'running') throw new DOMException('A gesture is needed.', 'NotAllowedError');
  }

  close(): void {
    this.#context.close().catch(() => undefined);
  }
}
