/** What a page publishes, over a connection whose requests the test answers. */

import type { TrackSource } from '@mediasoup-booth/protocol';
import type { Producer } from 'mediasoup-client/types';
import { describe, expect, it } from 'vitest';
import { type LocalTrack, Publishing } from '../../../client-widget/media/publishing.ts';
import { SignallingError } from '../../../room-client/signalling-client.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

const local = (paused = false, track = { kind: 'audio' } as MediaStreamTrack): LocalTrack => ({ track, paused });
const tracks = (...entries: [TrackSource, LocalTrack][]) => new Map(entries);

function setUp() {
  const requests: string[] = [];
  const refused = new Set<string>();
  const shown: string[] = [];
  const clock = new FakeClock();
  let message = 'wait a moment';
  const answer = async (request: string) => {
    requests.push(request);
    if (refused.has(request)) throw new SignallingError('tooMany', message);
  };
  const publishing = new Publishing({
    connection: {
      produce: async ({ source, track }) => {
        await answer(`produce ${source}`);
        const producer = {
          track,
          replaceTrack: async (other: { track: MediaStreamTrack }) => {
            await answer('replace');
            producer.track = other.track;
          },
        };
        return producer as unknown as Producer;
      },
      setPaused: (_, paused) => answer(paused ? 'pause' : 'resume'),
      closeProducer: () => answer('close'),
    },
    onFailed: (error) => shown.push((error as Error).message),
    onRecovered: () => shown.push('recovered'),
    clock,
  });
  const refuseWith = (text: string) => {
    message = text;
  };
  return { publishing, requests, refused, shown, clock, refuseWith };
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a track that the server refuses to publish', () => {
  it('is published again by itself after a pause that grows to 30 s, and is reported once', async () => {
    const { publishing, requests, refused, shown, clock } = setUp();
    const microphone = local();
    refused.add('produce microphone');
    publishing.setTracks(tracks(['microphone', microphone]));
    for (let attempts = 1; attempts <= 10; attempts++) {
      await soon();
      publishing.setTracks(tracks(['microphone', { ...microphone }]));
      await soon();
      expect([requests.length, clock.pending]).toEqual([attempts, 1]);
      if (attempts === 7) {
        clock.advance(23_000);
        await soon();
        expect(requests).toHaveLength(attempts);
      }
      if (attempts === 10) refused.clear();
      clock.advance(attempts === 1 ? 1000 : 30_000);
    }
    await soon();
    expect(requests).toHaveLength(11);
    expect(shown).toEqual(['wait a moment', 'recovered']);
    expect(clock.pending).toBe(0);
  });

  it('is reported again where the next attempt is refused for another reason', async () => {
    const { publishing, refused, shown, clock, refuseWith } = setUp();
    refused.add('produce microphone');
    publishing.setTracks(tracks(['microphone', local()]));
    await soon();
    refuseWith('the room is full');
    clock.advance(1000);
    await soon();
    expect(shown).toEqual(['wait a moment', 'the room is full']);
  });

  it('does not hold up the other tracks', async () => {
    const { publishing, requests, refused } = setUp();
    refused.add('produce microphone');
    publishing.setTracks(tracks(['microphone', local()], ['camera', local()]));
    await soon();
    expect(requests).toEqual(['produce microphone', 'produce camera']);
  });

  it('is not tried again when it is withdrawn, and nothing is said of it any more', async () => {
    const { publishing, requests, refused, shown, clock } = setUp();
    refused.add('produce microphone');
    publishing.setTracks(tracks(['microphone', local()]));
    await soon();
    expect(clock.pending).toBe(1);
    publishing.setTracks(tracks());
    expect(clock.pending).toBe(0);
    expect([requests.length, shown]).toEqual([1, ['wait a moment', 'recovered']]);
  });

  it('is not tried again when the session has ended', async () => {
    const { publishing, requests, refused, clock } = setUp();
    refused.add('produce microphone');
    publishing.setTracks(tracks(['microphone', local()]));
    await soon();
    expect(clock.pending).toBe(1);
    publishing.close();
    expect([requests.length, clock.pending]).toEqual([1, 0]);
  });
});

describe('a microphone that the server refuses to unmute', () => {
  const refusedToUnmute = async () => {
    const set = setUp();
    const muted = local(true);
    set.refused.add('resume');
    set.publishing.setTracks(tracks(['microphone', muted]));
    await soon();
    set.publishing.setTracks(tracks(['microphone', { ...muted, paused: false }]));
    await soon();
    return { ...set, muted };
  };

  it('is unmuted by itself', async () => {
    const { requests, refused, shown, clock } = await refusedToUnmute();
    refused.clear();
    clock.advance(1000);
    await soon();
    expect(requests).toEqual(['produce microphone', 'resume', 'resume']);
    expect(shown).toEqual(['wait a moment', 'recovered']);
  });

  it('is muted at once when the person mutes it meanwhile', async () => {
    const { publishing, requests, clock, muted } = await refusedToUnmute();
    publishing.setTracks(tracks(['microphone', muted]));
    await soon();
    expect(requests).toEqual(['produce microphone', 'resume', 'pause']);
    expect(clock.pending).toBe(0);
  });
});

describe('a track that takes the place of another of its source', () => {
  it('goes out in the same stream, and is paused as it is wanted', async () => {
    const { publishing, requests } = setUp();
    await publishing.setTracks(tracks(['microphone', local()]));
    expect(requests).toEqual(['produce microphone']);
    const other = local(true, { kind: 'audio' } as MediaStreamTrack);
    await publishing.setTracks(tracks(['microphone', other]));
    expect(requests).toEqual(['produce microphone', 'replace', 'pause']);
    await publishing.setTracks(tracks());
    expect(requests.at(-1)).toBe('close');
  });

  it('is tried again by itself where that fails', async () => {
    const { publishing, requests, refused, shown, clock } = setUp();
    await publishing.setTracks(tracks(['microphone', local()]));
    refused.add('replace');
    await publishing.setTracks(tracks(['microphone', local(false, { kind: 'audio' } as MediaStreamTrack)]));
    expect([requests.at(-1), clock.pending]).toEqual(['replace', 1]);
    refused.clear();
    clock.advance(1000);
    await soon();
    expect(requests).toEqual(['produce microphone', 'replace', 'replace']);
    expect(shown).toEqual(['wait a moment', 'recovered']);
  });
});
