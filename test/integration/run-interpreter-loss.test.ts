/** What the log says where a room is lost to an interpreter that is meant to leave, and to one that is not. */
import { expect, it } from 'vitest';
import { liveTranslate } from '../../bot/engine.ts';
import { runInterpreter } from '../../bot/process/run-interpreter.ts';
import { Lines } from '../support/interpreted-router.ts';
import { until } from '../support/until.ts';

const LOST = 'the room or its media was lost, connecting again';

function lostRoom(onLost: () => void) {
  const log = new Lines();
  const stopping = new AbortController();
  const running = runInterpreter({
    engine: liveTranslate({ key: 'sk-any', url: 'ws://127.0.0.1:9' }),
    join: async () => {
      throw new Error('the server is closing');
    },
    languages: 'auto',
    signal: stopping.signal,
    log,
    onState: (state) => {
      if (state === 'lost') onLost();
    },
  });
  return { log, stopping, running };
}

it('warns of a loss', async () => {
  const { log, stopping, running } = lostRoom(() => {});
  await until(() => log.of(LOST).length > 0);
  expect(log.of(LOST)[0]).toMatchObject({ reason: expect.stringContaining('the server is closing') });
  stopping.abort();
  await running;
});

it('does not warn of a loss that a stop follows', async () => {
  let losses = 0;
  const { log, stopping, running } = lostRoom(() => {
    losses++;
    setTimeout(() => stopping.abort(), 20);
  });
  await running;
  expect(losses).toBe(1);
  expect(log.of(LOST)).toEqual([]);
});
