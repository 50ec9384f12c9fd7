import { describe, expect, it } from 'vitest';
import { answerTo, ClusterDoor, clusterCredential, isAnswerTo } from '../../../../server/edge/cluster-credential.ts';

const WALL_MS = 1_790_000_000_000;
const secret = 'a secret of the cluster, long enough';
const other = 'another secret, which is as long as it';

describe('a credential of the cluster', () => {
  it('is accepted once, within a minute either way, from whoever knows the secret', () => {
    let now = WALL_MS;
    const door = new ClusterDoor([secret], () => now);
    const credential = clusterCredential([secret], WALL_MS);
    expect(door.verify(credential)).toBe(secret);
    expect(door.verify(credential)).toBeUndefined();
    const [late, early] = [clusterCredential([secret], WALL_MS), clusterCredential([secret], WALL_MS)];
    now = WALL_MS + 60_000;
    expect(door.verify(late)).toBe(secret);
    now = WALL_MS + 60_001;
    expect(door.verify(early)).toBeUndefined();
    expect(door.verify(clusterCredential([secret], now + 60_001))).toBeUndefined();
    expect(door.verify(clusterCredential([secret], now + 60_000))).toBe(secret);
  });

  it.each(['', '.', '..', 'x.y.z', `${WALL_MS}.nonce.`, `NaN.nonce.${'0'.repeat(64)}`, 'Infinity.nonce.00'])(
    'is refused where it is none: %j',
    (credential) => {
      expect(new ClusterDoor([secret], () => WALL_MS).verify(credential)).toBeUndefined();
    },
  );

  it('is refused where it was changed, or made with another secret', () => {
    const door = new ClusterDoor([secret, ''], () => WALL_MS);
    const [ms, nonce, signature] = clusterCredential([secret], WALL_MS).split('.');
    expect(door.verify(`${WALL_MS + 1}.${nonce}.${signature}`)).toBeUndefined();
    expect(door.verify(`${ms}.${nonce}0.${signature}`)).toBeUndefined();
    expect(door.verify(clusterCredential([other], WALL_MS))).toBeUndefined();
    expect(door.verify(clusterCredential([''], WALL_MS))).toBeUndefined();
  });

  it('may be made with either of two secrets while they are being changed, and is answered with the same', () => {
    const door = new ClusterDoor([other, secret], () => WALL_MS);
    const credential = clusterCredential([secret], WALL_MS);
    const known = door.verify(credential);
    expect(known).toBe(secret);
    expect(isAnswerTo(credential, answerTo(credential, known ?? ''), [secret])).toBe(true);
    expect(isAnswerTo(credential, answerTo(credential, other), [secret])).toBe(false);
    expect(isAnswerTo(credential, answerTo(credential, other), [other, secret])).toBe(true);
    expect(isAnswerTo(clusterCredential([secret], WALL_MS), answerTo(credential, secret), [secret])).toBe(false);
  });
});
