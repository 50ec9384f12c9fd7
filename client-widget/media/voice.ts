/**
 * One voice that is played: its volume, and how much later than it came. It sounds through an `<audio>` element, because
 * browsers cancel echo only for what elements play of a connection; through Web Audio only where an element's volume is fixed
 * (iOS), and for the part of a delay that a connection cannot hold back.
 */
export interface Voice {
  /** From 0 to 1. */
  volume: number;
  delay(ms: number): void;
  /** Rejects with `NotAllowedError` where the browser waits for a gesture. */
  start(): Promise<void>;
  close(): void;
}

/** The longest that browsers take for `jitterBufferTarget`. */
const LONGEST_HELD_MS = 4_000;
export const LONGEST_DELAY_MS = 8_000;

/** Of receivers: holds back what comes, as far as they can. Returns what is left to do, in milliseconds. */
function heldBack(receivers: readonly RTCRtpReceiver[], ms: number): number {
  const held = Math.min(ms, LONGEST_HELD_MS);
  for (const receiver of receivers) if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = held || null;
  return receivers.some((receiver) => 'jitterBufferTarget' in receiver) ? ms - held : ms;
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
export class TrackVoice implements Voice {
  readonly #element: HTMLAudioElement;
  readonly #stream: MediaStream;
  readonly #receivers: readonly RTCRtpReceiver[];
  #graph: Graph | undefined;
  #volume = 1;

  constructor(element: HTMLAudioElement, track: MediaStreamTrack, receiver: RTCRtpReceiver | undefined) {
    this.#element = element;
    this.#stream = new MediaStream([track]);
    this.#receivers = receiver ? [receiver] : [];
    element.srcObject = this.#stream;
    if (volumeIsFixed()) this.#play(new Graph(this.#stream));
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = volume;
    if (this.#graph) this.#graph.volume = volume;
    else this.#element.volume = volume;
  }

  delay(ms: number): void {
    const rest = heldBack(this.#receivers, ms);
    if (rest > 0 && !this.#graph) this.#play(new Graph(this.#stream));
    if (this.#graph) this.#graph.delayMs = rest;
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

  /** The element goes on, silent: without one, some browsers give a graph nothing of what comes over a connection. */
  #play(graph: Graph): void {
    this.#graph = graph;
    graph.volume = this.#volume;
    this.#element.muted = true;
  }
}

/** What a page plays itself, in an element of its own: the volume that it has now is its full one. */
export class ElementVoice implements Voice {
  readonly #element: HTMLMediaElement;
  readonly #receivers: readonly RTCRtpReceiver[];
  readonly #full: number;
  readonly #wasMuted: boolean;
  readonly #graph: Graph | undefined;
  #volume = 1;

  constructor(element: HTMLMediaElement, receivers: readonly RTCRtpReceiver[]) {
    this.#element = element;
    this.#receivers = receivers;
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

  delay(ms: number): void {
    heldBack(this.#receivers, ms);
  }

  /** Whether it plays is up to the page. */
  async start(): Promise<void> {
    await this.#graph?.start();
  }

  close(): void {
    heldBack(this.#receivers, 0);
    this.#graph?.close();
    this.#element.muted = this.#wasMuted;
    this.#element.volume = this.#full;
  }
}

/** A stream through Web Audio: later, and at any volume. */
class Graph {
  readonly #context = new AudioContext();
  readonly #delay = this.#context.createDelay(LONGEST_DELAY_MS / 1000);
  readonly #gain = this.#context.createGain();

  constructor(stream: MediaStream) {
    this.#context.createMediaStreamSource(stream).connect(this.#delay).connect(this.#gain);
    this.#gain.connect(this.#context.destination);
  }

  set volume(volume: number) {
    this.#gain.gain.value = volume;
  }

  set delayMs(ms: number) {
    this.#delay.delayTime.value = ms / 1000;
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
