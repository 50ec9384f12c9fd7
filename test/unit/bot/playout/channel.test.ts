import { beforeEach, describe, expect, it } from 'vitest';
import { createOpusDecoder } from '../../../../audio/opus-codec.ts';
import { PlayoutChannel } from '../../../../bot/playout/channel.ts';
import type { PlayoutEvent } from '../../../../bot/playout/playout-queue.ts';
import type { AudioOutput } from '../../../../bot/room/room-connection.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { joined, pitch, tone } from '../../../support/sound.ts';
import { until } from '../../../support/until.ts';

const speaker = { id: 'ann', name: 'Ann' };

class Track implements AudioOutput {
  readonly packets: { atMs: number; payload: Uint8Array; marker: boolean }[] = [];
  closed = 0;
  readonly #clock: FakeClock;
  constructor(clock: FakeClock) {
    this.#clock = clock;
  }
  write(payload: Uint8Array, _timestamp: number, marker: boolean): void {
    this.packets.push({ atMs: this.#clock.now(), payload: Uint8Array.from(payload), marker });
  }
  close(): void {
    this.closed++;
  }
}

describe('PlayoutChannel', () => {
  let clock: FakeClock;
  let track: Track;
  let told: string[];
  let failures: unknown[];
  let published: number;
  let opened: PromiseWithResolvers<AudioOutput>;
  let channel: PlayoutChannel;
  beforeEach(() => {
    clock = new FakeClock();
    track = new Track(clock);
    told = [];
    failures = [];
    published = 0;
    opened = Promise.withResolvers();
    channel = new PlayoutChannel({
      language: 'es',
      publish: () => opened.promise,
      clock,
      onPlayout: ({ utterance, state }: PlayoutEvent) => told.push(`${utterance.id} ${state}`),
      onPublished: () => published++,
      onFailed: (error) => failures.push(error),
    });
  });

  const opens = async () => {
    opened.resolve(track);
    // The encoder is made then: what waits is due as soon as it stands.
    channel.push({ id: 'warm-up', speaker }, tone(100, 20, 24_000));
    channel.complete('warm-up');
    await until(() => clock.pending > 0);
    clock.advance(200);
    told.length = 0;
    track.packets.length = 0;
  };

  it('plays what it is given at the speed of speech', async () => {
    await opens();
    channel.push({ id: 'u1', speaker }, tone(300, 1000, 24_000));
    channel.complete('u1');
    const begun = clock.now();
    // Its first packet is encoded already.
    expect(channel.queuedMs).toBe(980);
    clock.advance(500);
    expect(track.packets.length).toBeLessThanOrEqual(26);
    clock.advance(1000);
    expect(track.packets).toHaveLength(50);
    expect(track.packets.filter(({ marker }) => marker)).toHaveLength(1);
    expect((track.packets.at(-1)?.atMs ?? 0) - begun).toBeLessThanOrEqual(1000);
    expect(told).toEqual(['u1 started', 'u1 ended']);
    expect(channel.isIdle).toBe(true);
    const decoder = await createOpusDecoder();
    const heard = joined(track.packets.map(({ payload }) => decoder.decode(payload)));
    decoder.close();
    expect(pitch(heard.subarray(4000), 16_000)).toBeCloseTo(300, -1);
  });

  it('keeps sound that comes before the track is published', async () => {
    channel.push({ id: 'u1', speaker }, tone(300, 100, 24_000));
    channel.complete('u1');
    clock.advance(1000);
    expect(track.packets).toHaveLength(0);
    opened.resolve(track);
    await until(() => clock.pending > 0);
    clock.advance(200);
    expect(track.packets).toHaveLength(5);
    expect(told).toEqual(['u1 started', 'u1 ended']);
  });

  it('plays again after a silence', async () => {
    await opens();
    for (const id of ['u1', 'u2']) {
      channel.push({ id, speaker }, tone(300, 100, 24_000));
      channel.complete(id);
      clock.advance(10_000);
    }
    expect(track.packets).toHaveLength(10);
    expect(track.packets.filter(({ marker }) => marker)).toHaveLength(2);
  });

  it('gives the floor to the next utterance 3 s after the sound of one stops, though no new sound comes', async () => {
    await opens();
    channel.push({ id: 'stalls', speaker }, tone(300, 100, 24_000));
    channel.push({ id: 'waits', speaker }, tone(300, 100, 24_000));
    channel.complete('waits');
    clock.advance(3000);
    expect(told).toEqual(['stalls started']);
    clock.advance(120);
    expect(told).toEqual(['stalls started', 'stalls ended', 'waits started']);
  });

  it('gives the floor to the next utterance 3 s after the sound of one stops, though others are queued meanwhile', async () => {
    await opens();
    channel.push({ id: 'stalls', speaker }, tone(300, 100, 24_000));
    clock.advance(120);
    for (let i = 0; i < 28; i++) {
      channel.push({ id: 'waits', speaker }, tone(300, 100, 24_000));
      clock.advance(100);
    }
    clock.advance(400);
    expect(told).toEqual(['stalls started', 'stalls ended', 'waits started']);
  });

  it('plays nothing and leaves no timer behind once it is closed', async () => {
    await opens();
    channel.push({ id: 'u1', speaker }, tone(300, 1000, 24_000));
    clock.advance(100);
    const { length } = track.packets;
    channel.close();
    channel.close();
    channel.push({ id: 'u2', speaker }, tone(300, 1000, 24_000));
    channel.complete('u2');
    clock.advance(10_000);
    expect(track.packets).toHaveLength(length);
    expect(track.closed).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('closes a track that is published only after the channel was closed', async () => {
    channel.close();
    opened.resolve(track);
    await until(() => track.closed > 0);
    expect(track.closed).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('reports that its track could not be published, takes sound without harm, and plays once it is published', async () => {
    opened.reject(new Error('no room'));
    await until(() => failures.length > 0);
    for (let i = 0; i < 200; i++) channel.push({ id: `u${i}`, speaker }, tone(300, 1000, 24_000));
    expect(channel.queuedMs).toBeLessThanOrEqual(120_000);
    opened = Promise.withResolvers();
    clock.advance(1000);
    opened.resolve(track);
    await until(() => published > 0);
    clock.advance(1000);
    channel.push({ id: 'new', speaker }, tone(300, 1000, 24_000));
    channel.complete('new');
    clock.advance(15_000);
    expect(track.packets.length).toBeGreaterThan(50);
    expect(told).toContain('new started');
    expect(failures).toEqual([new Error('no room')]);
  });
});
