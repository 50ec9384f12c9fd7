import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueIceServers } from '../../../../server/media/ice-servers.ts';

const WALL_MS = 1_790_000_000_000;
const urls = ['stun:stun.example.org', 'turn:turn.example.org:3478?transport=udp'];

describe('the STUN and TURN servers of a participant', () => {
  it('have a password of their own that ends, as coturn computes it from the shared secret', () => {
    const secret = 'shared with coturn';
    const issued = issueIceServers({ urls, turn: { secret, lifetimeMs: 3_600_000 } }, 'lobby/ana@example.org', WALL_MS);
    const [stun, turn] = issued.iceServers;
    expect(stun).toEqual({ urls: ['stun:stun.example.org'] });
    expect(turn?.urls).toEqual(['turn:turn.example.org:3478?transport=udp']);
    expect(turn?.username).toMatch(/^1790003600:[0-9a-f]{16}$/);
    const expected = createHmac('sha1', secret)
      .update(turn?.username ?? '')
      .digest('base64');
    expect(turn?.credential).toBe(expected);
    expect(issued.expiresInMs).toBe(3_600_000);
    expect(JSON.stringify(issued)).not.toMatch(/shared with coturn|ana/);
  });

  it('tell people apart, and know somebody again', () => {
    const turn = { secret: 'secret', lifetimeMs: 60_000 };
    const nameOf = (user: string) => issueIceServers({ urls, turn }, user, WALL_MS).iceServers[1]?.username;
    expect(nameOf('lobby/ana')).toBe(nameOf('lobby/ana'));
    expect(nameOf('lobby/ana')).not.toBe(nameOf('lobby/ben'));
  });

  it('have the one name and password that were set, which do not end', () => {
    const turn = { username: 'booth', credential: 'password' };
    expect(issueIceServers({ urls, turn }, 'lobby/ana', WALL_MS)).toEqual({
      iceServers: [{ urls: [urls[0]] }, { urls: [urls[1]], ...turn }],
    });
  });

  it('need none where there are STUN servers alone', () => {
    expect(issueIceServers({ urls: ['stun:stun.example.org'] }, 'lobby/ana', WALL_MS)).toEqual({
      iceServers: [{ urls: ['stun:stun.example.org'] }],
    });
  });
});
