/**
 * Maps places in the audio that a session was sent to the room's time. Services count the milliseconds of the audio they were sent;
 * silence is not sent, so their clock is not the room's. It also knows where speech began after a pause, for services that report no
 * times. Holds the last 256 stretches of unbroken audio, and as many beginnings of speech. No timers, no sockets.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';

const MAX_STRETCHES = 256;
/** After a shorter pause, speech goes on. */
const PAUSE_MS = 300;
const SAMPLES_PER_MS = SPEECH_SAMPLE_RATE / 1000;
/** Chunks arrive with jitter: a gap or an overlap of up to this much between two of them does not break a stretch. */
const TOLERANCE_MS = 250;

interface Stretch {
  sentMs: number;
  roomMs: number;
}

export class AudioTimeline {
  readonly #stretches: Stretch[] = [];
  /** Where speech began after a pause, in milliseconds of the audio sent. */
  readonly #onsetsMs: number[] = [];
  #pauseMs = Number.POSITIVE_INFINITY;
  #sentMs = 0;
  #endRoomMs = 0;

  /** Records that `samples` at 16 kHz were sent, the last of which was spoken at `roomMs`; `isSpeech` false: they are a pause. */
  sent(samples: number, roomMs: number, isSpeech = true): void {
    const durationMs = samples / SAMPLES_PER_MS;
    const startRoomMs = roomMs - durationMs;
    if (this.#stretches.length === 0 || Math.abs(startRoomMs - this.#endRoomMs) > TOLERANCE_MS) {
      this.#stretches.push({ sentMs: this.#sentMs, roomMs: startRoomMs });
      if (this.#stretches.length > MAX_STRETCHES) this.#stretches.shift();
      this.#pauseMs = Number.POSITIVE_INFINITY;
      this.#endRoomMs = roomMs;
    } else {
      this.#endRoomMs += durationMs;
    }
    this.#recordOnset(durationMs, isSpeech);
    this.#sentMs += durationMs;
  }

  /** The room's time of a moment that the service names; by default of the last sample sent. */
  roomTime(sentMs = this.#sentMs): number {
    const stretch = this.#stretches.findLast((candidate) => candidate.sentMs <= sentMs) ?? this.#stretches[0];
    if (!stretch) return 0;
    return Math.max(0, Math.round(stretch.roomMs + Math.max(0, sentMs - stretch.sentMs)));
  }

  /**
   * Where speech of which only the order is known is likely to begin, in milliseconds of the audio sent: after the first pause since
   * `earliestMs`, else at `otherwiseMs`. Default: there.
   */
  speechStart(earliestMs: number, otherwiseMs = earliestMs): number {
    return this.#onsetsMs.find((onsetMs) => onsetMs >= earliestMs) ?? Math.min(otherwiseMs, this.#sentMs);
  }

  #recordOnset(durationMs: number, isSpeech: boolean): void {
    if (isSpeech && this.#pauseMs >= PAUSE_MS) {
      this.#onsetsMs.push(this.#sentMs);
      if (this.#onsetsMs.length > MAX_STRETCHES) this.#onsetsMs.shift();
    }
    this.#pauseMs = isSpeech ? 0 : this.#pauseMs + durationMs;
  }
}
