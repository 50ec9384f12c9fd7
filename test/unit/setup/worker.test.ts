/** What set-up knows of a media worker's age, and what `booth doctor` tells about it. */
import { describe, expect, it } from 'vitest';
import { agedWorker } from '../../../cli/system-check.ts';
import { versionsIn } from '../../../engine/setup/apt.mjs';

it('reads the versions that Debian offers, and leaves out what it does not know', () => {
  const policy = `libssl-dev:
  Installed: 3.0.19-1~deb12u2
  Candidate: 3.0.20-1~deb12u2
  Version table:
     3.0.20-1~deb12u2 500
        500 http://mirror bookworm/main amd64 Packages
libuv1-dev:
  Installed: (none)
  Candidate: (none)
  Version table:
libsrtp2-dev:
  Installed: (none)
  Candidate: 2.5.0-3
  Version table:
`;
  expect(versionsIn(policy)).toEqual({ 'libssl-dev': '3.0.20-1~deb12u2', 'libsrtp2-dev': '2.5.0-3' });
});

describe('what is told of the age of a media worker', () => {
  const madeAt = '2026-11-01T00:00:00.000Z';
  const afterDays = (days: number) => Date.parse(madeAt) + days * 86_400_000;
  const manifest = { mediasoup: '3.27.1', madeAt, libraries: { 'libssl-dev': '3.0.20-1~deb12u2' } };

  it('names its version, its days and the libraries that are a part of it', () => {
    const detail = '3.27.1, 1 day old, built with libssl-dev 3.0.20-1~deb12u2';
    expect(agedWorker(manifest, afterDays(1))).toEqual({ detail });
  });

  it('is a way to renew it, after two months', () => {
    expect(agedWorker(manifest, afterDays(60)).state).toBeUndefined();
    const { state, remedy } = agedWorker(manifest, afterDays(61));
    expect(state).toBe('old');
    expect(remedy).toMatch(/^rm .*mediasoup-worker && npm run setup -- worker$/);
  });

  it('is that nothing is known where set-up has not made it', () => {
    expect(agedWorker(undefined, afterDays(1)).detail).toContain('not made by set-up');
  });
});
