import { describe, expect, it } from 'vitest';
import { UndecodableSpeakers } from '../../../../bot/in-process/undecodable-speakers.ts';

/** What is decided after each report of Ann's packets: how many came since the one before, and how many of them were garbage. */
function decisions(...reports: readonly (readonly [packets: number, garbage: number])[]): boolean[] {
  const undecodable = new UndecodableSpeakers();
  const packets = { received: 0, garbage: 0 };
  return reports.map(([received, garbage]) => {
    packets.received += received;
    packets.garbage += garbage;
    return undecodable.push([{ speaker: 'ann', packets: { ...packets } }]).has('ann');
  });
}

describe('a microphone sends no sound', () => {
  it.each([
    ['all packets of five seconds are garbage', [[250, 250]], [true]],
    [
      'most of them are, of ten seconds',
      [
        [250, 170],
        [250, 170],
      ],
      [false, true],
    ],
    [
      'it goes on after a mute',
      [
        [250, 200],
        [0, 0],
        [250, 200],
      ],
      [false, false, true],
    ],
  ] as const)('where %s', (_, reports, expected) => {
    expect(decisions(...reports)).toEqual(expected);
  });
});

describe('a microphone is believed', () => {
  it.each([
    ['one packet is garbage', [[250, 1]], [false]],
    [
      'two seconds are, as after a doubtful beginning',
      [
        [250, 100],
        [250, 0],
        [250, 100],
      ],
      [false, false, false],
    ],
    [
      'only a few packets came',
      [
        [20, 20],
        [20, 20],
      ],
      [false, false],
    ],
    [
      'it sends sound again',
      [
        [250, 250],
        [250, 20],
      ],
      [true, false],
    ],
    [
      'it is paused, and sent no garbage before',
      [
        [250, 0],
        [0, 0],
      ],
      [false, false],
    ],
  ] as const)('where %s', (_, reports, expected) => {
    expect(decisions(...reports)).toEqual(expected);
  });

  it('when it comes back with counters of its own, and no more when it is gone', () => {
    const undecodable = new UndecodableSpeakers();
    const report = (received: number, garbage: number) => [{ speaker: 'ann', packets: { received, garbage } }];
    expect([...undecodable.push(report(400, 400))]).toEqual(['ann']);
    expect([...undecodable.push([])]).toEqual([]);
    expect([...undecodable.push(report(300, 300))]).toEqual(['ann']);
    expect([...undecodable.push(report(250, 0))]).toEqual([]);
  });
});
