/** `booth speak` of a video: each frame is sent with the sound that belongs to it. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { CameraPublisher } from '../../cli/camera-publisher.ts';
import { RecordingPublisher } from '../../cli/recording-publisher.ts';
import { probe } from '../../recordings/probe.ts';
import { speechOf } from '../../recordings/speech-of.ts';
import { systemClock } from '../../time/clock.ts';
import { ffmpegPrograms, made } from '../support/recordings.ts';
import { until } from '../support/until.ts';

const FRAMES_PER_SECOND = 15;
const VP8_TICKS_PER_MS = 90;
/** Somebody who sees and hears notices more than this. */
const TOLERATED_MS = 100;
const FLASH_MS = 1000;

/** Black and silent but for a white picture and a tone, together, from a second to two. */
function talk(name: string): string {
  const flash = "color=black:size=320x180:rate=15:d=3,drawbox=color=white:t=fill:enable='between(t,1,1.99)'";
  const beep = "sine=440:d=3:r=24000,volume=6,volume=0:enable='not(between(t,1,2))'";
  const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  return made(name, '-f', 'lavfi', '-i', flash, '-f', 'lavfi', '-i', beep, ...encoded);
}

interface SentFrame {
  timestampMs: number;
  atMs: number;
}

/** A camera, and called for each frame that it has sent. */
function film(onFrame: (frame: SentFrame) => void): CameraPublisher {
  const write = (_payload: Uint8Array, timestamp: number, isLast: boolean) => {
    if (isLast) onFrame({ timestampMs: timestamp / VP8_TICKS_PER_MS, atMs: systemClock.now() });
  };
  return new CameraPublisher({ write }, systemClock);
}

describe('the picture of a recording that is spoken', () => {
  it('waits for the sound, wherever that is, and is never ahead of it', async () => {
    let frames = 0;
    const camera = film(() => frames++);
    let positionMs = -500;
    const show = await camera.prepare(talk('talk.mp4'), ffmpegPrograms);
    const shown = show(() => positionMs);
    for (const place of [0, 400, 1000, 2500]) {
      const expected = Math.floor((place * FRAMES_PER_SECOND) / 1000) + 1;
      positionMs = place;
      await until(() => frames >= expected);
      // What is ready and may be sent is sent by now.
      await delay(500);
      expect(frames).toBe(expected);
    }
    positionMs = 10_000;
    await shown;
    expect(frames).toBeGreaterThan(42);
  });

  it('ends where it is closed while it waits', async () => {
    let frames = 0;
    const camera = film(() => frames++);
    const show = await camera.prepare(talk('talk.mp4'), ffmpegPrograms);
    const shown = show(() => 0);
    await until(() => frames > 0);
    camera.close();
    await shown;
    expect(frames).toBe(1);
  });

  it('has the times at which it is sent as its timestamps, as the sound has', async () => {
    const frames: SentFrame[] = [];
    const camera = film((frame) => frames.push(frame));
    const show = await camera.prepare(talk('talk.mp4'), ffmpegPrograms);
    const startMs = systemClock.now();
    await show(() => systemClock.now() - startMs);
    const lags = frames.map(({ timestampMs, atMs }) => timestampMs - atMs);
    expect(Math.max(...lags) - Math.min(...lags)).toBeLessThan(5);
  });

  it.each(['talk.mp4', 'talk.ts'])('appears within 100 ms of its sound: %s', async (name) => {
    const path = talk(name);
    const decoder = await createOpusDecoder();
    let loudAtMs: number | undefined;
    const sound: RecordingPublisher = await RecordingPublisher.create({
      write(packet) {
        const isLoud = decoder.decode(packet).some((x) => Math.abs(x) > 3000);
        if (isLoud) loudAtMs ??= sound.positionMs;
      },
    });
    const shownAtMs: number[] = [];
    const camera = film(() => shownAtMs.push(sound.positionMs));
    const show = await camera.prepare(path, ffmpegPrograms);
    const said = sound.play(speechOf(await probe(path, { ffmpeg: ffmpegPrograms }), VOICE_SAMPLE_RATE));
    await Promise.all([said, show(() => sound.positionMs)]);
    sound.close();
    decoder.close();
    expect(Math.abs((loudAtMs ?? 0) - FLASH_MS)).toBeLessThan(TOLERATED_MS);
    const flashAtMs = shownAtMs[FRAMES_PER_SECOND] ?? 0;
    expect(flashAtMs).toBeGreaterThanOrEqual(FLASH_MS);
    expect(flashAtMs - FLASH_MS).toBeLessThan(TOLERATED_MS);
  });
});
