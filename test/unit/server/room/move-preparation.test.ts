import { expect, it } from 'vitest';
import { MovePreparation } from '../../../../server/room/move-preparation.ts';
import type { Participant } from '../../../../server/room/participant.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const SERVER = 'https://node-2.meet.example.org';

function people(count: number) {
  const told: number[] = [];
  const clock = new FakeClock();
  const all = Array.from({ length: count }, () => {
    const peer = { notify: () => told.push(clock.now()) };
    return { kind: 'person', reader: false, peer } as unknown as Participant;
  });
  return { told, clock, all };
}

it('people are told of a move some at a time, within four seconds, and waited for', async () => {
  const { told, clock, all } = people(1000);
  const move = new MovePreparation({ all }, clock);
  let isReady = false;
  const prepared = move.prepare(SERVER, { limitMs: 5000, isClosing: () => false }).then(() => {
    isReady = true;
  });
  expect(told).toHaveLength(63);
  for (let turn = 0; turn < 20; turn++) await clock.advance(200);
  expect(told).toHaveLength(1000);
  expect(Math.max(...told) - Math.min(...told)).toBeLessThan(4000);
  for (const one of all) move.connected(one);
  expect(isReady).toBe(false);
  await clock.advance(50);
  await prepared;
  expect(isReady).toBe(true);
});

it('a few people are told at once, and those who never connect are waited for no longer than the limit', async () => {
  const { told, clock, all } = people(20);
  const move = new MovePreparation({ all }, clock);
  const prepared = move.prepare(SERVER, { limitMs: 5000, isClosing: () => false });
  expect(told).toHaveLength(20);
  for (let turn = 0; turn < 110; turn++) await clock.advance(50);
  await prepared;
  expect(clock.now()).toBeGreaterThanOrEqual(5000);
  expect(move.unready).toBe(20);
});

it('whom a host removes before the move is known by name, unless they came back since, and nobody from before people were told', async () => {
  const { clock, all } = people(1);
  const move = new MovePreparation({ all }, clock);
  move.removed('adam');
  void move.prepare(SERVER, { limitMs: 5000, isClosing: () => false });
  move.removed('eve');
  move.removed('kim');
  expect(move.removedIdentities).toEqual(['eve', 'kim']);
  move.joined({ identity: 'kim', peer: { notify() {} } } as unknown as Participant);
  expect(move.removedIdentities).toEqual(['eve']);
});
