/**
 * Keeps speech on its way to a session until it is acknowledged, so that what was sent to a session that is lost can be replayed to the
 * next one. No timers, no sockets.
 *
 * Bounds: 60 s of speech in all, and 20 s of what was never sent while there is no session (`limitUnsent`); beyond them the oldest is
 * dropped and counted. A pause is not worth catching up for: while speech is waiting, at most a second of each pause is sent.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';

const SAMPLES_PER_MS = SPEECH_SAMPLE_RATE / 1000;
const MAX_UNSENT_SAMPLES = 20_000 * SAMPLES_PER_MS;
const MAX_KEPT_SAMPLES = 60_000 * SAMPLES_PER_MS;
/** Services end a segment at a pause of this length; a shorter one is within a sentence. */
const SEGMENT_PAUSE_MS = 700;
const MAX_LATE_PAUSE_SAMPLES = 1000 * SAMPLES_PER_MS;
/** With less than this waiting, speech is sent as it is spoken. */
const LATE_SAMPLES = 1000 * SAMPLES_PER_MS;

/** A piece of a speaker's audio with its place in time. */
export interface SpeechChunk {
  /** 16 kHz mono. */
  samples: Int16Array;
  /** When the last sample was spoken, in milliseconds since the room began. */
  roomMs: number;
  /** Whether it is speech; false: the pause before or after speech. */
  isSpeech: boolean;
}

interface SentChunk extends SpeechChunk {
  /** The end of the chunk in milliseconds of the audio that its session was sent. */
  endMs: number;
}

/**
 * @example
 * buffer.push(chunk);
 * const next = buffer.take(); // send it
 * buffer.acknowledge(1000); // the answers to the first second have all come
 * buffer.replay(); // the session was lost: `take` returns what came after that second again
 */
export class ReplayBuffer {
  #sent: SentChunk[] = [];
  readonly #waiting: SpeechChunk[] = [];
  /** How many of the waiting chunks, from the first, were sent to an earlier session. */
  #replayedChunks = 0;
  /** Samples in `#sent`, in `#waiting` and in its replayed chunks: sums over minutes of speech are not made for every chunk. */
  #sentSamples = 0;
  #waitingSamples = 0;
  #replayedSamples = 0;
  #sentMs = 0;
  #droppedSamples = 0;
  /** Samples of silence sent since the last speech. */
  #pauseSamples = 0;

  push(chunk: SpeechChunk): void {
    this.#waiting.push(chunk);
    this.#waitingSamples += chunk.samples.length;
    this.#keepWithinBounds();
  }

  /** To be called while there is no session: drops the oldest of what was never sent beyond 20 s. */
  limitUnsent(): void {
    while (this.#waitingSamples - this.#replayedSamples > MAX_UNSENT_SAMPLES) {
      const [oldest] = this.#waiting.splice(this.#replayedChunks, 1);
      const samples = oldest?.samples.length ?? 0;
      this.#waitingSamples -= samples;
      this.#droppedSamples += samples;
    }
  }

  /** The next chunk to send; `replayed`: an earlier session was sent it, too. */
  take(): (SpeechChunk & { replayed: boolean }) | undefined {
    const replayed = this.#replayedChunks > 0;
    const chunk = this.#next();
    if (!chunk) return undefined;
    this.#pauseSamples = chunk.isSpeech ? 0 : this.#pauseSamples + chunk.samples.length;
    this.#sentMs += chunk.samples.length / SAMPLES_PER_MS;
    this.#sent.push({ ...chunk, endMs: this.#sentMs });
    this.#sentSamples += chunk.samples.length;
    return { ...chunk, replayed };
  }

  /** Records that the session was sent silence, which is not kept. */
  silenceSent(samples: number): void {
    this.#sentMs += samples / SAMPLES_PER_MS;
  }

  /** The answers to the session's audio up to this place have all come: it will not be replayed. */
  acknowledge(sentMs: number): void {
    const first = this.#sent.findIndex(({ endMs }) => endMs > sentMs);
    const acknowledged = first === -1 ? this.#sent.splice(0) : this.#sent.splice(0, first);
    for (const { samples } of acknowledged) this.#sentSamples -= samples.length;
  }

  /** Another session begins: what is not acknowledged is sent again, before what waits. */
  replay(): void {
    this.#replayedChunks += this.#sent.length;
    this.#replayedSamples += this.#sentSamples;
    this.#waitingSamples += this.#sentSamples;
    this.#sentSamples = 0;
    this.#waiting.unshift(...this.#sent.splice(0));
    this.#sentMs = 0;
    this.#pauseSamples = 0;
  }

  /** Drops the audio that was sent, acknowledged or not: it will not be replayed. */
  discardSent(): void {
    this.#sent = [];
    this.#sentSamples = 0;
  }

  /** Whether nothing waits to be sent. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Milliseconds of speech that the bounds have cost. */
  get droppedMs(): number {
    return this.#droppedSamples / SAMPLES_PER_MS;
  }

  /** Milliseconds of audio that wait to be sent. */
  get waitingMs(): number {
    return this.#waitingSamples / SAMPLES_PER_MS;
  }

  /** Milliseconds of audio that the present session was sent. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** The middle of the first pause, in what is not acknowledged, at which a service ends a segment; undefined: there is none. */
  firstPause(): number | undefined {
    let hasSpeech = false;
    let pauseMs = 0;
    for (const { samples, endMs, isSpeech } of this.#sent) {
      hasSpeech ||= isSpeech;
      pauseMs = isSpeech ? 0 : pauseMs + samples.length / SAMPLES_PER_MS;
      if (hasSpeech && pauseMs >= SEGMENT_PAUSE_MS) return endMs - pauseMs / 2;
    }
    return undefined;
  }

  #next(): SpeechChunk | undefined {
    const isLate = this.#waitingSamples > LATE_SAMPLES;
    for (;;) {
      const chunk = this.#removeFirstWaiting();
      const isLongPause = chunk && !chunk.isSpeech && this.#pauseSamples >= MAX_LATE_PAUSE_SAMPLES;
      if (!isLate || !isLongPause) return chunk;
    }
  }

  #removeFirstWaiting(): SpeechChunk | undefined {
    const chunk = this.#waiting.shift();
    const samples = chunk?.samples.length ?? 0;
    this.#waitingSamples -= samples;
    if (this.#replayedChunks > 0) {
      this.#replayedChunks--;
      this.#replayedSamples -= samples;
    }
    return chunk;
  }

  #keepWithinBounds(): void {
    while (this.#sentSamples + this.#waitingSamples > MAX_KEPT_SAMPLES) {
      const sent = this.#sent.shift();
      if (sent) this.#sentSamples -= sent.samples.length;
      else this.#droppedSamples += this.#removeFirstWaiting()?.samples.length ?? 0;
    }
  }
}
