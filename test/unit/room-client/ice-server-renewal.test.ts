import { describe, expect, it } from 'vitest';
import { IceServerRenewal } from '../../../room-client/ice-server-renewal.ts';
import type { RenewedIceServers } from '../../../room-client/media-signalling.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

const HOUR_MS = 3_600_000;

function setUp(expiresInMs: number | undefined, renew: () => Promise<RenewedIceServers>) {
  const clock = new FakeClock();
  const applied: RTCIceServer[][] = [];
  let asked = 0;
  const renewal = new IceServerRenewal(expiresInMs, {
    clock,
    renew: () => {
      asked++;
      return renew();
    },
    apply: async (iceServers) => {
      applied.push(iceServers);
    },
  });
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { clock, applied, renewal, pass, asked: () => asked };
}

const iceServers = [{ urls: ['turn:turn.example.org'], username: '1:a', credential: 'b' }];
const forAnHour = async () => ({ iceServers, iceServersExpireInMs: HOUR_MS });

describe('passwords of TURN servers', () => {
  it('are renewed before they end, and again', async () => {
    const { applied, pass } = setUp(HOUR_MS, forAnHour);
    await pass(0.75 * HOUR_MS - 1);
    expect(applied).toEqual([]);
    await pass(1);
    expect(applied).toEqual([iceServers]);
    await pass(0.75 * HOUR_MS);
    expect(applied).toEqual([iceServers, iceServers]);
  });

  it('are asked for again a minute after a failure', async () => {
    let isDown = true;
    const { applied, pass, asked } = setUp(HOUR_MS, () => (isDown ? Promise.reject(new Error('lost')) : forAnHour()));
    await pass(0.75 * HOUR_MS);
    await pass(60_000);
    expect(asked()).toBe(2);
    isDown = false;
    await pass(60_000);
    expect(applied).toEqual([iceServers]);
  });

  it('that do not end are never renewed', async () => {
    const { clock } = setUp(undefined, forAnHour);
    expect(clock.pending).toBe(0);
  });

  it('are asked for at most once a second, however short they last', async () => {
    const { asked, pass } = setUp(1, async () => ({ iceServers, iceServersExpireInMs: 0 }));
    for (let step = 0; step < 100; step++) await pass(100);
    expect(asked()).toBe(10);
  });

  it('are not renewed once the transport is closed', async () => {
    const { clock, renewal, applied, pass } = setUp(HOUR_MS, forAnHour);
    renewal.close();
    await pass(HOUR_MS);
    expect(applied).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
