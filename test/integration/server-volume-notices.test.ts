import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../time/clock.ts';
import { interpreter, join, person, refused, startTestServer, type TestServer } from '../support/server.ts';

let nowMs = 0;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock: { ...systemClock, now: () => nowMs } });
});
afterAll(() => server.close());

const guest = (room: string, identity = 'ana') => join(server, person(identity, { room }), { speaks: 'en' });
const host = (room: string) => join(server, person('hedy', { room, grants: ['publish', 'subscribe', 'host'] }));
const booth = (room: string) => join(server, interpreter('booth', { room }));
const quiet = { participantId: 'ana', isTooQuiet: true };
const loud = { ...quiet, isTooQuiet: false };

describe('who is too quiet for the interpreter', () => {
  it('is told so, and so are the hosts, and nobody else', async () => {
    const [ana, ben, hedy, bot] = [
      await guest('told'),
      await guest('told', 'ben'),
      await host('told'),
      await booth('told'),
    ];
    await bot.request('participant.setTooQuiet', quiet);
    for (const one of [ana, hedy]) await expect(one.hears('participant.tooQuiet')).resolves.toEqual(quiet);
    await ben.settled();
    expect(ben.all('participant.tooQuiet')).toEqual([]);
  });

  it('is told when they are loud enough again, and not where they always were', async () => {
    const [ana, bot] = [await guest('louder'), await booth('louder')];
    await bot.request('participant.setTooQuiet', loud);
    await bot.request('participant.setTooQuiet', quiet);
    await bot.request('participant.setTooQuiet', loud);
    await ana.settled();
    expect(ana.all('participant.tooQuiet')).toEqual([quiet, loud]);
  });

  it('is told four times at once at the most, and again after a while', async () => {
    const [ana, bot] = [await guest('often'), await booth('often')];
    for (let i = 0; i < 4; i++) await bot.request('participant.setTooQuiet', quiet);
    await expect(bot.request('participant.setTooQuiet', loud)).rejects.toEqual(refused('tooMany', /just now/));
    nowMs += 10_000;
    await bot.request('participant.setTooQuiet', loud);
    await ana.settled();
    expect(ana.all('participant.tooQuiet')).toHaveLength(5);
  });

  it('is told nothing by another guest', async () => {
    const [ana, ben] = [await guest('guests'), await guest('guests', 'ben')];
    const asked = ben.request('participant.setTooQuiet', quiet);
    await expect(asked).rejects.toEqual(refused('forbidden', /"interpret"/));
    await ana.settled();
    expect(ana.all('participant.tooQuiet')).toEqual([]);
  });

  it('is told nothing where they do not want to be interpreted', async () => {
    const [ana, bot] = [await guest('unwilling'), await booth('unwilling')];
    await ana.request('participant.update', { interpret: false });
    await expect(bot.request('participant.setTooQuiet', quiet)).rejects.toEqual(
      refused('interpretationRefused', /interpreted/),
    );
  });
});
