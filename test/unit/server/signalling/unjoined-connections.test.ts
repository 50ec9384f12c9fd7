import { CloseCode } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../../server/limits.ts';
import { UnjoinedConnections } from '../../../../server/signalling/unjoined-connections.ts';

const setUp = () => {
  const unjoined = new UnjoinedConnections<{ close(code: number): void }>();
  const ended: string[] = [];
  const connection = (name: string) => ({
    close: (code: number) => {
      expect(code).toBe(CloseCode.tooMany);
      ended.push(name);
    },
  });
  const come = (address: string, count: number) => {
    for (let n = 0; n < count; n++) unjoined.add(connection(`${address}-${n}`), address);
  };
  return { unjoined, ended, connection, come };
};

describe('connections that have not joined', () => {
  it('end the oldest of their own address when it has too many', () => {
    const { unjoined, ended, come } = setUp();
    come('other', 1);
    come('one', limits.unjoinedPerAddress + 2);
    expect(ended).toEqual(['one-0', 'one-1']);
    expect(unjoined.size).toBe(limits.unjoinedPerAddress + 1);
  });

  it('end the oldest of the address that has most when there are too many in all', () => {
    const { unjoined, ended, come } = setUp();
    come('one', limits.unjoinedPerAddress);
    for (let n = 0; n < limits.unjoined - limits.unjoinedPerAddress + 3; n++) come(`address-${n}`, 1);
    expect(ended).toEqual(['one-0', 'one-1', 'one-2']);
    expect(unjoined.size).toBe(limits.unjoined);
  });

  it('do not count any more once they have joined', () => {
    const { unjoined, ended, connection } = setUp();
    for (let n = 0; n < 3 * limits.unjoinedPerAddress; n++) {
      const joining = connection(`${n}`);
      unjoined.add(joining, 'office');
      unjoined.remove(joining, 'office');
      unjoined.remove(joining, 'office');
    }
    expect(unjoined.size).toBe(0);
    expect(ended).toEqual([]);
  });
});
