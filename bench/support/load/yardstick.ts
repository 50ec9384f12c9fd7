/**
 * A process that does the same little piece of work again and again, beside what is measured and on the same core: what it costs tells how
 * fast the computer is just then. CPU time alone does not: it stretches by half and more while other programs use the caches and the other
 * thread of a core. It tells, too, how late its own event loop is, which does next to nothing: so late is any loop on this computer just then.
 */
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../../audio/opus-codec.ts';
import { VOICE_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { measureEventLoopDelay } from '../../../process/event-loop-delay.ts';
import { endWithParent } from '../../../process/parent-watchdog.mjs';
import { recordedVoice } from './recorded-opus.ts';

/** CPU microseconds of a piece: the mean since it was last asked, and the least since it began. */
export interface YardstickCost {
  mean: number;
  least: number;
}

export type FromYardstick = { ready: true } | { cost: YardstickCost } | { delayMs: number };
/** Asks for the cost, or for how late 99 of 100 turns of the last seconds were at most. */
export type ToYardstick = { tell: 'cost' | 'delay' };

const EVERY_MS = 200;
const FRAMES = 20;
/** A second into the recording somebody speaks. */
const SPEECH_FROM = VOICE_SAMPLE_RATE;

endWithParent();
const eventLoopDelayMs = measureEventLoopDelay();
const voice = await recordedVoice();
const encoder = await createOpusEncoder();
const speech = voice.subarray(SPEECH_FROM);
let [pieces, microseconds, least] = [0, 0, Number.POSITIVE_INFINITY];

function work(): void {
  const before = process.cpuUsage();
  for (let i = 0; i < FRAMES; i++)
    encoder.encode(speech.subarray(i * OPUS_FRAME_SAMPLES, (i + 1) * OPUS_FRAME_SAMPLES));
  const { user, system } = process.cpuUsage(before);
  pieces++;
  microseconds += user + system;
  least = Math.min(least, user + system);
}

setInterval(work, EVERY_MS);
process.on('message', ({ tell }: ToYardstick) => {
  if (tell === 'delay') {
    process.send?.({ delayMs: eventLoopDelayMs() } satisfies FromYardstick);
    return;
  }
  process.send?.({ cost: { mean: microseconds / pieces, least } } satisfies FromYardstick);
  pieces = microseconds = 0;
});
process.once('disconnect', () => process.exit());
process.send?.({ ready: true } satisfies FromYardstick);
