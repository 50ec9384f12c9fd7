import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedRoom } from '../../../../bench/support/scripted-room.ts';
import { PlayoutChannels, type PlayoutChannelsOptions } from '../../../../bot/playout/channels.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { tone } from '../../../support/sound.ts';
import { until } from '../../../support/until.ts';

const RATE = 24_000;

describe('PlayoutChannels', () => {
  let clock: FakeClock;
  let room: ScriptedRoom;
  let told: string[];
  let channels: PlayoutChannels;
  const make = (tracks: PlayoutChannelsOptions['tracks']) =>
    new PlayoutChannels({
      connection: room,
      tracks,
      maxLagMs: 8000,
      clock,
      onPlayout: (language, { utterance, state }) => told.push(`${language} ${utterance.id} ${state}`),
      onPublished: () => {},
      onFailed: () => {},
    });
  beforeEach(() => {
    clock = new FakeClock();
    room = new ScriptedRoom(clock);
    told = [];
    channels = make('perSpeaker');
  });
  afterEach(() => channels.close());

  const says = async (id: string, ms: number) => {
    const before = clock.pending;
    const channel = channels.open('es', id);
    channel.push({ id: `of ${id}`, speaker: { id, name: id } }, tone(200, ms, RATE));
    channel.complete(`of ${id}`);
    await until(() => clock.pending > before);
  };
  const tracks = () => room.channels.map(({ language, speaker, closed }) => `${language} ${speaker} ${closed}`);

  it('opens one channel for each language if tracks are mixed', () => {
    channels = make('mixed');
    expect(channels.open('es', 'ann')).toBe(channels.open('es', 'bob'));
    expect(channels.open('fr', 'ann')).not.toBe(channels.open('es', 'ann'));
    expect(tracks()).toEqual(['es undefined false', 'fr undefined false']);
    channels.removeSpeaker('ann');
    clock.advance(10_000);
    expect(tracks()).toEqual(['es undefined false', 'fr undefined false']);
  });

  it('opens one channel for each speaker in each language otherwise, once', () => {
    expect(channels.open('es', 'ann')).toBe(channels.open('es', 'ann'));
    channels.open('es', 'bob');
    channels.open('fr', 'ann');
    expect(tracks()).toEqual(['es ann false', 'es bob false', 'fr ann false']);
    expect(channels.get('fr', 'bob')).toBeUndefined();
  });

  it('reports how much waits on the channel with the most queued sound', async () => {
    await says('ann', 1000);
    await says('bob', 3000);
    expect(channels.queuedMs('es')).toBeGreaterThan(2900);
    expect(channels.queuedMs('fr')).toBe(0);
    expect(channels.delayMs('es')).toBeLessThan(100);
  });

  it('plays what is queued for a speaker who has left, then closes their channel alone', async () => {
    await says('bob', 100);
    await says('ann', 2000);
    channels.removeSpeaker('ann');
    clock.advance(1500);
    expect(tracks()).toEqual(['es bob false', 'es ann false']);
    clock.advance(1500);
    expect(tracks()).toEqual(['es bob false', 'es ann true']);
    expect(told).toContain('es of ann ended');
    expect(room.channels[1]?.packets).toBe(100);
  });

  it('keeps the channel open for a speaker who comes back before that', async () => {
    await says('ann', 2000);
    channels.removeSpeaker('ann');
    clock.advance(1500);
    channels.open('es', 'ann');
    clock.advance(10_000);
    expect(tracks()).toEqual(['es ann false']);
  });

  it('closes all channels, and leaves no timer behind', async () => {
    await says('ann', 2000);
    await says('bob', 2000);
    channels.removeSpeaker('bob');
    channels.close();
    expect(tracks()).toEqual(['es ann true', 'es bob true']);
    expect(clock.pending).toBe(0);
  });
});
