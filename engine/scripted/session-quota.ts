/**
 * Counts what one session receives and sends: for the statistics and for the account's limits. An image that exceeds the model's limits
 * is refused, and a session that exceeds its context is closed.
 */
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { imageTokenCount, type Limits, type Rates } from '../../config/models.ts';
import { jpegSize } from '../../images/jpeg-size.ts';
import type { Clock } from '../../time/clock.ts';
import { InvalidMessage } from '../wire/client-messages.ts';
import { appendBounded, type ConnectionRecord } from './stats.ts';

export interface SessionQuotaOptions {
  rates: Rates;
  limits: Limits;
  record: ConnectionRecord;
  clock: Clock;
  /** Counts the tokens for the account. */
  spend(tokens: number): void;
  /** Ends the session. */
  closeSession(code: number, reason: string): void;
}

const CHARACTERS_PER_TOKEN = 4;

export class SessionQuota {
  readonly #options: SessionQuotaOptions;
  #lastAudioMs: number | undefined;
  #imageCredit: number;
  #imageCreditAtMs = 0;

  constructor(options: SessionQuotaOptions) {
    this.#options = options;
    this.#imageCredit = options.limits.imagesPerSecond;
  }

  audioReceived(samples: number): void {
    const { record, clock, rates } = this.#options;
    const now = clock.now();
    const gap = now - (this.#lastAudioMs ?? now);
    this.#lastAudioMs = now;
    record.gapsMs.longest = Math.max(record.gapsMs.longest, gap);
    if (gap > 200) record.gapsMs.over200++;
    if (gap > 1000) record.gapsMs.over1000++;
    record.audioSeconds += samples / SPEECH_SAMPLE_RATE;
    this.#spendInput((samples / SPEECH_SAMPLE_RATE) * rates.audioInPerSecond);
  }

  /** @throws {InvalidMessage} for an image that is not accepted */
  imageReceived(jpeg: Uint8Array): void {
    const { limits, record, clock, rates } = this.#options;
    const size = jpegSize(jpeg);
    if (!size) throw new InvalidMessage('An image must be a JPEG.', { param: 'image' });
    if (Math.min(size.width, size.height) > limits.imageLines) {
      const message = `An image may have at most ${limits.imageLines}p, and this has ${size.width}×${size.height}.`;
      throw new InvalidMessage(message, { param: 'image' });
    }
    this.#takeImageCredit();
    appendBounded(record.images, { atMs: clock.now(), bytes: jpeg.length, ...size });
    this.#spendInput(imageTokenCount(rates, size));
  }

  outputSent({ samples, characters }: { samples: number; characters: number }): void {
    const { record, rates, spend } = this.#options;
    const tokens = (samples / VOICE_SAMPLE_RATE) * rates.audioOutPerSecond + characters / CHARACTERS_PER_TOKEN;
    record.tokens.output += tokens;
    spend(tokens);
  }

  /** A token bucket: two images at once, and two more each second, so that a client's timing may vary. */
  #takeImageCredit(): void {
    const { limits, clock } = this.#options;
    const now = clock.now();
    const refill = ((now - this.#imageCreditAtMs) / 1000) * limits.imagesPerSecond;
    this.#imageCredit = Math.min(limits.imagesPerSecond, this.#imageCredit + refill);
    this.#imageCreditAtMs = now;
    if (this.#imageCredit < 1) {
      throw new InvalidMessage(`At most ${limits.imagesPerSecond} images a second are taken.`, { param: 'image' });
    }
    this.#imageCredit--;
  }

  #spendInput(tokens: number): void {
    const { record, limits, spend, closeSession } = this.#options;
    record.tokens.input += tokens;
    spend(tokens);
    const { input, output } = record.tokens;
    if (input > limits.inputTokens || input + output > limits.contextTokens) {
      closeSession(
        1011,
        `InternalError.Algo.InvalidParameter: Range of input length should be [1, ${limits.inputTokens}]`,
      );
    }
  }
}
