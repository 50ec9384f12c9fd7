/**
 * Speech on its way to a session, kept until it is settled: what a session took with it into its end is said again to the next one. Pure.
 *
 * Bounds: 60 s are kept in all, and 20 s of what no session has heard while there is none (`limitUnheard`); beyond them the
 * oldest is lost, and counted. Silence is not worth catching up for: of a pause that waits no more than a second is sent.
 */
const SAMPLES_PER_MS = 16;
const MAX_UNHEARD_SAMPLES = 20_000 * SAMPLES_PER_MS;
const MAX_KEPT_SAMPLES = 60_000 * SAMPLES_PER_MS;
/** Services end a segment at such a pause; a shorter one is within a sentence. */
const PAUSE_MS = 700;
const LONGEST_LATE_PAUSE_SAMPLES = 1000 * SAMPLES_PER_MS;
/** With less than this waiting, what is sent is what is being said. */
const LATE_SAMPLES = 1000 * SAMPLES_PER_MS;

/** Sound with its place in time. */
export interface SpeechChunk {
  /** 16 kHz mono. */
  samples: Int16Array;
  /** When its last sample was said, in milliseconds since the room began. */
  roomMs: number;
  /** Speech, and not the pause before or after it. */
  voiced: boolean;
}

interface Sent extends SpeechChunk {
  /** Where it ends in what its session has been sent, in milliseconds. */
  endMs: number;
}

export class ReplayBuffer {
  #sent: Sent[] = [];
  readonly #waiting: SpeechChunk[] = [];
  /** How many of those that wait have been sent before. */
  #replayedChunks = 0;
  #sentMs = 0;
  #lostSamples = 0;
  /** Silence sent since the last speech. */
  #pauseSamples = 0;

  push(heard: SpeechChunk): void {
    this.#waiting.push(heard);
    this.#keepWithinBounds();
  }

  /** There is no session: what has not been heard by any is kept for 20 s. */
  limitUnsent(): void {
    while (lengthOf(this.#waiting.slice(this.#replayedChunks)) > MAX_UNHEARD_SAMPLES) {
      this.#lostSamples += lengthOf(this.#waiting.splice(this.#replayedChunks, 1));
    }
  }

  /** The next to be sent; `again`: a session that is gone had heard it. */
  take(): (SpeechChunk & { again: boolean }) | undefined {
    const again = this.#replayedChunks > 0;
    const heard = this.#next();
    if (!heard) return undefined;
    this.#pauseSamples = heard.voiced ? 0 : this.#pauseSamples + heard.samples.length;
    this.#sentMs += heard.samples.length / SAMPLES_PER_MS;
    this.#sent.push({ ...heard, endMs: this.#sentMs });
    return { ...heard, again };
  }

  /** The session was sent something else, which is not kept. */
  silenceSent(samples: number): void {
    this.#sentMs += samples / SAMPLES_PER_MS;
  }

  /** What the session was sent up to there has come to its end. */
  acknowledge(sentMs: number): void {
    this.#sent = this.#sent.filter(({ endMs }) => endMs > sentMs);
  }

  /** Another session begins: what is not settled is to be sent again. */
  replay(): void {
    this.#replayedChunks += this.#sent.length;
    this.#waiting.unshift(...this.#sent.splice(0));
    this.#sentMs = 0;
    this.#pauseSamples = 0;
  }

  /** What was sent will not be sent again. */
  discardSent(): void {
    this.#sent = [];
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get lostMs(): number {
    return this.#lostSamples / SAMPLES_PER_MS;
  }

  /** What the session has been sent. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** The first pause in what is not settled at which a service ends a segment: its middle; undefined: there is none. */
  firstPause(): number | undefined {
    let spoken = false;
    let pauseMs = 0;
    for (const { samples, endMs, voiced } of this.#sent) {
      spoken ||= voiced;
      pauseMs = voiced ? 0 : pauseMs + samples.length / SAMPLES_PER_MS;
      if (spoken && pauseMs >= PAUSE_MS) return endMs - pauseMs / 2;
    }
    return undefined;
  }

  #next(): SpeechChunk | undefined {
    const late = lengthOf(this.#waiting) > LATE_SAMPLES;
    for (;;) {
      const heard = this.#waiting.shift();
      this.#replayedChunks = Math.max(0, this.#replayedChunks - 1);
      const idle = heard && !heard.voiced && this.#pauseSamples >= LONGEST_LATE_PAUSE_SAMPLES;
      if (!late || !idle) return heard;
    }
  }

  #keepWithinBounds(): void {
    while (lengthOf(this.#sent) + lengthOf(this.#waiting) > MAX_KEPT_SAMPLES) {
      if (this.#sent.shift()) continue;
      this.#lostSamples += lengthOf(this.#waiting.splice(0, 1));
      this.#replayedChunks = Math.max(0, this.#replayedChunks - 1);
    }
  }
}

const lengthOf = (parts: readonly SpeechChunk[]): number => parts.reduce((sum, { samples }) => sum + samples.length, 0);
