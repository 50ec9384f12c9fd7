import type { ParticipantView, PictureMode } from '@mediasoup-booth/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { person } from '../../../../bench/support/views.ts';
import { THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH } from '../../../../bot/vision/picture-change.ts';
import { Vision } from '../../../../bot/vision/vision.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

/** A video that shows one grey after the other, and how much its publisher sends. */
class Video {
  grey = 10;
  bytesPerMs = 0;
  bytes = 0;
  requests: number[] = [];
  isBroken = false;
  closed = 0;
}

describe('Vision', () => {
  let clock: FakeClock;
  let videos: Map<string, Video>;
  let people: Map<string, ParticipantView>;
  /** `speaker grey` */
  let shown: string[];
  let sessions: Map<string, object[]>;
  let afforded: boolean;
  let pictures: Vision;

  const make = (mode: PictureMode): Vision =>
    new Vision({
      mode,
      participants: people,
      openKeyFrameSource: ({ producerId }) => {
        const video = videos.get(producerId) ?? new Video();
        return {
          capture: async () => {
            video.requests.push(clock.now());
            if (video.isBroken) return undefined;
            const thumbnail = new Uint8Array(THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT).fill(video.grey);
            return { jpeg: Uint8Array.of(video.grey), thumbnail };
          },
          sentBytes: async () => video.bytes,
          close: () => video.closed++,
        };
      },
      imageSinksOf: (speaker) =>
        (sessions.get(speaker) ?? []).map((session) => ({
          session,
          sentAudioMs: clock.now(),
          sendImage: ([grey]) => shown.push(`${speaker} ${grey}`) > 0,
        })),
      isAffordable: () => afforded,
      clock,
      onFailed: (error) => expect.unreachable(String(error)),
    });

  beforeEach(() => {
    clock = new FakeClock();
    shown = [];
    sessions = new Map([
      ['ann', [{}]],
      ['bob', [{}]],
    ]);
    afforded = true;
    const producer = (source: 'camera' | 'screen', id: string) => ({
      id,
      kind: 'video' as const,
      source,
      paused: false,
    });
    people = new Map([
      ['ann', person('ann', { producers: [producer('screen', 'slides')] })],
      ['bob', person('bob', { producers: [producer('camera', 'face')] })],
    ]);
    videos = new Map([
      ['slides', new Video()],
      ['face', new Video()],
    ]);
    pictures = make('onChange');
  });

  const video = (id: string): Video => videos.get(id) ?? new Video();
  const passTime = async (ms: number) => {
    for (let i = 0; i < ms; i += 100) {
      clock.advance(100);
      for (const video of videos.values()) video.bytes += 100 * video.bytesPerMs;
      for (let j = 0; j < 6; j++) await Promise.resolve();
    }
  };
  const withoutSlides = () => {
    people.set('ann', person('ann'));
    pictures.reconcile();
  };

  it('shows a still slide once, and again after each minute of speech, for one key frame each time', async () => {
    pictures.setSpeaking('ann', true);
    await passTime(5 * 60_000);
    expect(shown).toEqual(Array(5).fill('ann 10'));
    expect(video('slides').requests).toHaveLength(5);
  });

  it('captures nothing while nobody speaks', async () => {
    await passTime(10_000);
    pictures.setSpeaking('ann', true);
    await passTime(1000);
    pictures.setSpeaking('ann', false);
    video('slides').bytesPerMs = 100;
    await passTime(60_000);
    expect(video('slides').requests).toHaveLength(1);
  });

  it('shows the next slide within seconds', async () => {
    pictures.setSpeaking('ann', true);
    await passTime(30_000);
    video('slides').grey = 90;
    video('slides').bytesPerMs = 20;
    await passTime(2500);
    video('slides').bytesPerMs = 0;
    await passTime(5000);
    expect(shown).toEqual(['ann 10', 'ann 90']);
  });

  it('shows what changed in silence at the first word, and requests nothing if nothing changed', async () => {
    pictures.setSpeaking('ann', true);
    await passTime(5000);
    pictures.setSpeaking('ann', false);
    await passTime(40_000);
    pictures.setSpeaking('ann', true);
    await passTime(3000);
    pictures.setSpeaking('ann', false);
    expect(video('slides').requests).toHaveLength(1);
    const next = video('slides');
    next.grey = 90;
    next.bytesPerMs = 20;
    await passTime(3000);
    next.bytesPerMs = 0;
    await passTime(60_000);
    expect(next.requests).toHaveLength(1);
    pictures.setSpeaking('ann', true);
    await passTime(1000);
    expect(shown).toEqual(['ann 10', 'ann 90']);
  });

  it('stops measuring after ten minutes of silence, and captures anew', async () => {
    pictures.setSpeaking('ann', true);
    await passTime(1000);
    pictures.setSpeaking('ann', false);
    await passTime(601_000);
    expect(video('slides').closed).toBe(1);
    expect(clock.pending).toBe(0);
    video('slides').grey = 90;
    pictures.setSpeaking('ann', true);
    await passTime(1000);
    expect(shown).toEqual(['ann 10', 'ann 90']);
  });

  it('requests key frames less and less often if a moving video looks the same', async () => {
    video('slides').bytesPerMs = 50;
    pictures.setSpeaking('ann', true);
    await passTime(60_000);
    expect(shown).toEqual(['ann 10']);
    expect(video('slides').requests.length).toBeLessThanOrEqual(6);
  });

  it('shows a changing video at most every 2 s', async () => {
    video('slides').bytesPerMs = 100;
    pictures.setSpeaking('ann', true);
    for (let i = 0; i < 60; i++) {
      video('slides').grey = i % 2 === 0 ? 10 : 200;
      await passTime(1000);
    }
    expect(shown.length).toBeLessThanOrEqual(31);
    expect(video('slides').requests.length).toBeLessThanOrEqual(31);
  });

  it('shows the same picture to the sessions of all who speak, for one key frame', async () => {
    pictures.setSpeaking('ann', true);
    await passTime(3000);
    pictures.setSpeaking('bob', true);
    await passTime(3000);
    expect(shown).toEqual(['ann 10', 'bob 10']);
    expect(video('slides').requests).toHaveLength(1);
  });

  it('shows the speaker’s camera if nothing is shared', async () => {
    pictures.setSpeaking('bob', true);
    await passTime(1000);
    withoutSlides();
    await passTime(3000);
    expect(shown).toEqual(['bob 10', 'bob 10']);
    expect(video('slides').closed).toBe(1);
    expect(video('face').requests).toHaveLength(1);
  });

  it('stops capturing somebody who refuses', async () => {
    withoutSlides();
    video('face').bytesPerMs = 100;
    pictures.setSpeaking('bob', true);
    await passTime(3000);
    people.set('bob', { ...person('bob'), pictures: false, producers: people.get('bob')?.producers ?? [] });
    pictures.reconcile();
    await passTime(60_000);
    expect(shown).toEqual(['bob 10']);
    expect(video('face').closed).toBe(1);
  });

  it('gives up a picture that does not come, until somebody starts to speak', async () => {
    video('slides').isBroken = true;
    pictures.setSpeaking('ann', true);
    await passTime(60_000);
    expect(video('slides').requests).toHaveLength(1);
    video('slides').isBroken = false;
    pictures.setSpeaking('ann', false);
    pictures.setSpeaking('ann', true);
    await passTime(1000);
    expect(shown).toEqual(['ann 10']);
  });

  it('shows a picture as soon as a session takes it', async () => {
    sessions.set('ann', []);
    pictures.setSpeaking('ann', true);
    await passTime(10_000);
    sessions.set('ann', [{}]);
    await passTime(1000);
    expect(shown).toEqual(['ann 10']);
    expect(video('slides').requests).toHaveLength(1);
  });

  it('shows a picture to each session of a speaker, and once to a session that is leased from speaker to speaker', async () => {
    const [one, other] = [{}, {}];
    sessions.set('ann', [one, other]).set('bob', [other]);
    pictures.setSpeaking('ann', true);
    await passTime(3000);
    pictures.setSpeaking('ann', false);
    pictures.setSpeaking('bob', true);
    await passTime(3000);
    expect(shown).toEqual(['ann 10', 'ann 10']);
  });

  it('captures nothing that the budget does not allow', async () => {
    afforded = false;
    pictures.setSpeaking('ann', true);
    await passTime(10_000);
    expect(video('slides').requests).toHaveLength(0);
    afforded = true;
    await passTime(1000);
    expect(shown).toEqual(['ann 10']);
  });

  it('shows pictures at a fixed interval, changed or not, in mode "fixed"', async () => {
    pictures = make('fixed');
    pictures.setSpeaking('ann', true);
    await passTime(20_000);
    expect(shown).toHaveLength(10);
    expect(new Set(shown)).toEqual(new Set(['ann 10']));
  });

  it('captures nothing once it is closed', async () => {
    pictures.setSpeaking('ann', true);
    await passTime(1000);
    pictures.close();
    pictures.setSpeaking('ann', false);
    pictures.setSpeaking('ann', true);
    await passTime(60_000);
    expect(shown).toEqual(['ann 10']);
    expect(video('slides').closed).toBe(1);
  });
});
