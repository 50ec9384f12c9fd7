/**
 * Maps places in the audio that a session was sent to the room's time. Services count the milliseconds of the audio they were sent;
 * silence is not sent, so their clock is not the room's. Holds the last 256 stretches of unbroken audio. No timers, no sockets.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';

const MAX_STRETCHES = 256;
const SAMPLES_PER_MS = SPEECH_SAMPLE_RATE / 1000;
/** Chunks arrive with jitter: a gap or an overlap of up to this much between two of them does not break a stretch. */
const TOLERANCE_MS = 250;

interface Stretch {
  sentMs: number;
  roomMs: number;
}

export class AudioTimeline {
  readonly #stretches: Stretch[] = [];
  #sentMs = 0;
  #endRoomMs = 0;

  /** Records that `samples` at 16 kHz were sent, the last of which was spoken at `roomMs`. */
  sent(samples: number, roomMs: number): void {
    const durationMs = samples / SAMPLES_PER_MS;
    const startRoomMs = roomMs - durationMs;
    if (this.#stretches.length === 0 || Math.abs(startRoomMs - this.#endRoomMs) > TOLERANCE_MS) {
      this.#stretches.push({ sentMs: this.#sentMs, roomMs: startRoomMs });
      if (this.#stretches.length > MAX_STRETCHES) this.#stretches.shift();
      this.#endRoomMs = roomMs;
    } else {
      this.#endRoomMs += durationMs;
    }
    this.#sentMs += durationMs;
  }

  /** The room's time of a moment that the service names; by default of the last sample sent. */
  roomTime(sentMs = this.#sentMs): number {
    const stretch = this.#stretches.findLast((candidate) => candidate.sentMs <= sentMs) ?? this.#stretches[0];
    if (!stretch) return 0;
    return Math.max(0, Math.round(stretch.roomMs + Math.max(0, sentMs - stretch.sentMs)));
  }

  /** The room's time at which the present stretch began: the earliest that speech without a known time can have been spoken. */
  get stretchStart(): number {
    return Math.max(0, Math.round(this.#stretches.at(-1)?.roomMs ?? 0));
  }
}
