/** `<booth-channels delay>`: how much later the originals come out, measured from the picture and the sound. */
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { OpusSender } from '../../bot/playout/opus-sender.ts';
import { qwen3 } from '../../config/models.ts';
import { systemClock } from '../../time/clock.ts';
import { TestBooth } from '../support/booth.ts';
import { startForeignPage } from '../support/foreign-page.ts';
import { Guest } from '../support/meeting.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { person, tokenOf } from '../support/server.ts';
import { tone } from '../support/sound.ts';

const JANE = 850;
/** What a connection and a busy computer take by themselves. */
const UNDELAYED_MS = 1_000;

const pages = servePages({
  server: { model: qwen3 },
  chromium: { args: ['--autoplay-policy=no-user-gesture-required'] },
});

async function open(html: string, workers?: string): Promise<Page> {
  const url = await startForeignPage({ booth: pages.server.url, html, ...(workers && { workers }) });
  const page = await (await pages.somebody()).newPage();
  await page.goto(url);
  return page;
}

interface Meeting {
  /** Milliseconds until each comes out, of a flash and a beep that begin now. */
  flash(): Promise<{ picture: number; sound: number }>;
  /** The longest that no picture came in so many milliseconds. */
  pause(ms: number): Promise<number>;
}
type InPage = typeof globalThis & { meeting: Meeting };
const flash = (page: Page) => page.evaluate(() => (globalThis as InPage).meeting.flash());
const pause = (page: Page, ms: number) => page.evaluate((ms) => (globalThis as InPage).meeting.pause(ms), ms);

/** Runs in the page: a meeting of its own, in which somebody is a picture and a tone that come over a connection. */
async function meet(): Promise<void> {
  await customElements.whenDefined('booth-channels');
  const channels = document.querySelector('booth-channels') as unknown as {
    holder(): Promise<(receiver: RTCRtpReceiver) => void>;
    attach(meeting: object): void;
  };
  const hold = await channels.holder();
  const [there, here] = [new RTCPeerConnection(), new RTCPeerConnection()];
  there.onicecandidate = ({ candidate }) => candidate && here.addIceCandidate(candidate);
  here.onicecandidate = ({ candidate }) => candidate && there.addIceCandidate(candidate);
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
  const drawn = canvas.getContext('2d') as CanvasRenderingContext2D;
  let [isOn, drawings] = [false, 0];
  setInterval(() => {
    drawn.fillStyle = isOn ? '#fff' : '#000';
    drawn.fillRect(0, 0, 320, 180);
    drawn.fillStyle = '#888';
    drawn.fillRect(160 + ((drawings++ * 5) % 100), 150, 20, 20);
  }, 66);
  const context = new AudioContext();
  await context.resume();
  const [oscillator, gain] = [context.createOscillator(), context.createGain()];
  const out = context.createMediaStreamDestination();
  gain.gain.value = 0;
  oscillator.connect(gain).connect(out);
  oscillator.start();
  for (const track of [...canvas.captureStream(15).getTracks(), ...out.stream.getTracks()]) there.addTrack(track);
  const streams: Record<string, MediaStream> = {};
  here.ontrack = ({ track, receiver }) => {
    hold(receiver);
    streams[track.kind] = new MediaStream([track]);
  };
  await there.setLocalDescription();
  await here.setRemoteDescription(there.localDescription as RTCSessionDescription);
  await here.setLocalDescription();
  await there.setRemoteDescription(here.localDescription as RTCSessionDescription);
  const [video, audio] = [document.createElement('video'), document.createElement('audio')];
  video.muted = true;
  video.srcObject = streams.video ?? null;
  audio.srcObject = streams.audio ?? null;
  await Promise.all([video.play(), audio.play()]);
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(audio.srcObject as MediaStream).connect(analyser);
  channels.attach({
    channels: { es: context.createMediaStreamDestination().stream.getAudioTracks()[0] },
    originals: [{ speaker: 'jane', language: 'en', element: audio, receivers: here.getReceivers() }],
  });

  const seen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const looked = seen.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  const samples = new Float32Array(analyser.fftSize);
  const shows = {
    picture: () => {
      looked.drawImage(video, 0, 0, 100, 100, 0, 0, 1, 1);
      return (looked.getImageData(0, 0, 1, 1).data[0] ?? 0) > 128;
    },
    sound: () => {
      analyser.getFloatTimeDomainData(samples);
      return samples.some((sample) => sample > 0.1);
    },
  };
  const turn = (on: boolean) => {
    isOn = on;
    gain.gain.value = on ? 0.5 : 0;
  };
  const after = (is: () => boolean, fromMs: number) =>
    new Promise<number>((resolve) => {
      const timer = setInterval(() => {
        if (!is()) return;
        clearInterval(timer);
        resolve(performance.now() - fromMs);
      }, 10);
    });
  const meeting: Meeting = {
    async flash() {
      const fromMs = performance.now();
      turn(true);
      const [picture, sound] = await Promise.all([after(shows.picture, fromMs), after(shows.sound, fromMs)]);
      turn(false);
      await after(() => !shows.picture() && !shows.sound(), fromMs);
      return { picture, sound };
    },
    async pause(ms) {
      const untilMs = performance.now() + ms;
      let [lastMs, longest] = [performance.now(), 0];
      while (lastMs < untilMs) {
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        longest = Math.max(longest, performance.now() - lastMs);
        lastMs = performance.now();
      }
      return longest;
    },
  };
  Object.assign(globalThis, { meeting });
}

describe('an original that a page plays', () => {
  const openMeeting = async (workers?: string) => {
    const page = await open('<booth-channels language="es" delay="0"></booth-channels>', workers);
    await page.evaluate(meet);
    return page;
  };
  const setDelay = (page: Page, seconds: number) =>
    page.evaluate((delay) => Object.assign(document.querySelector('booth-channels') ?? {}, { delay }), seconds);

  it('comes later by as much as is asked, picture and sound, and at once again without a pause', async () => {
    const page = await openMeeting('blob:');
    for (const seconds of [0, 3, 8, 0]) {
      await setDelay(page, seconds);
      // It pauses for as long as it becomes later, and no longer.
      const pauseMs = await pause(page, seconds * 1000 + 2_000);
      const { picture, sound } = await flash(page);
      console.info(seconds, 's:', { picture, sound, pauseMs });
      expect(pauseMs).toBeLessThan(seconds * 1000 + UNDELAYED_MS);
      for (const lateMs of [picture, sound]) {
        expect(lateMs).toBeGreaterThanOrEqual(seconds * 1000);
        expect(lateMs).toBeLessThan(seconds * 1000 + UNDELAYED_MS);
      }
    }
    expect(await page.getByLabel('Original later by').getAttribute('max')).toBe('8');
  });

  it('comes at most 4 s later where the page’s policy allows no worker, and the listener reads it', async () => {
    const page = await openMeeting();
    await page.getByText('At most 4 s here').waitFor();
    await page.getByLabel('Original later by').fill('4');
    expect(await page.getByLabel('Original later by').getAttribute('max')).toBe('4');
    await expect.poll(async () => (await flash(page)).picture, PATIENCE).toBeGreaterThan(3_500);
  });
});

/** Runs in the page: when somebody of the room begins to sound; 0: nobody does within `ms`. */
async function hearsAt(ms: number): Promise<number> {
  const untilMs = Date.now() + ms;
  const context = new AudioContext();
  await context.resume();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  let listened: MediaProvider | null = null;
  for (; Date.now() < untilMs; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const voices = document.querySelector('booth-channels')?.shadowRoot;
    const stream = voices?.querySelector<HTMLAudioElement>('audio[data-participant]')?.srcObject ?? null;
    if (stream instanceof MediaStream && stream !== listened) context.createMediaStreamSource(stream).connect(analyser);
    listened = stream;
    analyser.getFloatTimeDomainData(samples);
    if (!samples.some((sample) => sample > 0.1)) continue;
    await context.close();
    return Date.now();
  }
  await context.close();
  return 0;
}

describe('an original of a room', () => {
  it('sounds later by as much as is asked, also when that is asked only in the middle', async () => {
    const { server, room } = pages;
    const booth = await TestBooth.enter(server, room);
    onTestFinished(() => booth.leave());
    await booth.writes('es');
    const { room: connection } = await Guest.enter(server, person('jane', { room, name: 'Jane' }));
    onTestFinished(() => connection.close());
    let speaks = false;
    const [silence, voice] = [new Int16Array(OPUS_FRAME_SAMPLES), tone(JANE, 20, 24_000)];
    const microphone = await connection.publishMicrophone();
    const sender = new OpusSender(await createOpusEncoder(), microphone, systemClock, () => (speaks ? voice : silence));
    onTestFinished(() => sender.close());
    sender.wake();
    const token = tokenOf({ identity: 'listener', room, grants: ['subscribe'], hidden: true });
    const page = await open(`<booth-channels room="${room}" token="${token}" language="es"></booth-channels>`, 'blob:');
    const lateness = async () => {
      const heard = page.evaluate(hearsAt, 12_000);
      // The page listens meanwhile.
      await page.waitForTimeout(500);
      const from = Date.now();
      speaks = true;
      setTimeout(() => {
        speaks = false;
      }, 500);
      const at = await heard;
      // Until it is silent again.
      await page.waitForTimeout(1_500);
      return at - from;
    };
    expect(await page.getByLabel('Original later by').count()).toBe(0);
    await expect.poll(lateness).toBeGreaterThan(0);
    const before = await lateness();
    await page.evaluate(() => Object.assign(document.querySelector('booth-channels') ?? {}, { delay: 6 }));
    expect(before).toBeLessThan(1_500);
    // A busy computer may lose one tone, or hear it late.
    const misses = async () => Math.abs((await lateness()) - before - 6_000);
    await expect.poll(misses, { timeout: 200_000 }).toBeLessThan(UNDELAYED_MS);
  });
});
