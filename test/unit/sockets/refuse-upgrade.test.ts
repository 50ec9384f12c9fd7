import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { refuseUpgrade } from '../../../sockets/refuse-upgrade.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

/** The server's end of a socket whose other side neither reads nor closes. */
function silentSocket() {
  const written: string[] = [];
  const socket = new Duplex({
    allowHalfOpen: true,
    read() {},
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { socket, written };
}

describe('a refused upgrade', () => {
  it('is answered with the status and destroyed within a second, although its client keeps it open', () => {
    const clock = new FakeClock();
    const { socket, written } = silentSocket();
    refuseUpgrade(socket, clock, 403, { code: 'forbidden' });
    expect(written.join('')).toMatch(
      /^HTTP\/1\.1 403 Forbidden\r\nConnection: close\r\n.*\r\n\r\n{"code":"forbidden"}$/s,
    );
    expect(socket.destroyed).toBe(false);
    clock.advance(1000);
    expect(socket.destroyed).toBe(true);
  });
});
