/** What a tab sounds like to who sits before it: everything that it plays, at the volume at which it plays it. */
import type { Page } from 'playwright-core';

interface Recording {
  rate: number;
  samples: number[];
  track: MediaStreamTrack;
}
type Recorder = typeof globalThis & { tabSound?: Recording };

export interface TabSound {
  rate: number;
  samples: number[];
}

/**
 * Begins to record the tab, in a browser that was launched with `recordsTab`.
 * @throws where the browser found no tab of that title within a minute: the page gave itself another one meanwhile
 */
export const recordTab = (page: Page): Promise<void> => page.evaluate(record, RECORDED_TITLE);

/** For `recordsTab`. */
export const RECORDED_TITLE = 'This tab is recorded';

/** Runs in the page. */
async function record(title: string): Promise<void> {
  document.title = title;
  const asItIs = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
  const wishes = { video: true, audio: asItIs, preferCurrentTab: true };
  const notFound = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no tab with the title "${title}"; this one is "${document.title}"`)), 60_000);
  });
  const [track] = (await Promise.race([navigator.mediaDevices.getDisplayMedia(wishes), notFound])).getAudioTracks();
  if (!track) throw new Error('the tab has no sound');
  const recording: Recording = { rate: 0, samples: [], track };
  (globalThis as Recorder).tabSound = recording;
  const Processor = (
    globalThis as unknown as {
      MediaStreamTrackProcessor: new (of: { track: MediaStreamTrack }) => { readable: ReadableStream<AudioData> };
    }
  ).MediaStreamTrackProcessor;
  const reader = new Processor({ track }).readable.getReader();
  const read = async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const plane = new Float32Array(next.value.numberOfFrames);
      next.value.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
      recording.rate = next.value.sampleRate;
      for (const sample of plane) recording.samples.push(sample);
      next.value.close();
    }
  };
  void read();
}

/** What sounded in the next `ms`, or since `action` began and until `ms` after it was done. */
export async function listen(page: Page, ms: number, action?: () => Promise<unknown>): Promise<TabSound> {
  await page.evaluate(() => (globalThis as Recorder).tabSound?.samples.splice(0));
  await action?.();
  await page.waitForTimeout(ms);
  return page.evaluate(() => {
    const { rate = 0, samples = [] } = (globalThis as Recorder).tabSound ?? {};
    return { rate, samples: samples.splice(0) };
  });
}

const WINDOW_MS = 20;

/** How loud one pitch is in each 20 ms: the amplitude of its sine. */
export function amplitudes({ rate, samples }: TabSound, hz: number): number[] {
  const length = (rate * WINDOW_MS) / 1000;
  const found: number[] = [];
  for (let at = 0; at + length <= samples.length; at += length) {
    let [real, imaginary] = [0, 0];
    for (let i = 0; i < length; i++) {
      const angle = (2 * Math.PI * hz * i) / rate;
      const sample = samples[Math.round(at) + i] ?? 0;
      real += sample * Math.cos(angle);
      imaginary += sample * Math.sin(angle);
    }
    found.push((2 * Math.hypot(real, imaginary)) / length);
  }
  return found;
}

/** From one moment to another. */
export const part = ({ rate, samples }: TabSound, fromMs: number, toMs: number): TabSound => ({
  rate,
  samples: samples.slice(Math.max(0, (fromMs * rate) / 1000), (toMs * rate) / 1000),
});

export const windowsToMs = (windows: number): number => windows * WINDOW_MS;

/** The largest step from one sample to the next: a click is a large one. */
export function largestStep({ samples }: TabSound): number {
  let largest = 0;
  for (let i = 1; i < samples.length; i++)
    largest = Math.max(largest, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)));
  return largest;
}

export const decibels = (amplitude: number, of: number): number => 20 * Math.log10(amplitude / of);
