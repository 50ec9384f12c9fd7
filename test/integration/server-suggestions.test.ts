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
const booth = (room: string) => join(server, interpreter('booth', { room }));
const spanish = { participantId: 'ana', speaks: 'es' };

describe('who seems to speak another language than they said', () => {
  it('is told so by an interpreter, and nobody else is', async () => {
    const [ana, ben, hears] = [await guest('told'), await guest('told', 'ben'), await booth('told')];
    await hears.request('participant.suggest', spanish);
    await expect(ana.hears('participant.suggested')).resolves.toEqual({ speaks: 'es' });
    for (const other of [ben, hears]) {
      await other.settled();
      expect(other.all('participant.suggested')).toEqual([]);
    }
  });

  it('speaks what they said until they say otherwise', async () => {
    const [ana, hears] = [await guest('unchanged'), await booth('unchanged')];
    await hears.request('participant.suggest', spanish);
    await ana.hears('participant.suggested');
    const { reply } = await join(server, person('late', { room: 'unchanged' }));
    expect(reply.participants.find(({ id }) => id === 'ana')?.speaks).toBe('en');
  });

  it('is not told what they have said by now', async () => {
    const [ana, hears] = [await guest('same'), await booth('same')];
    await ana.request('participant.update', { speaks: 'es' });
    await hears.request('participant.suggest', spanish);
    await ana.settled();
    expect(ana.all('participant.suggested')).toEqual([]);
  });

  it('hears nothing of it after joining again', async () => {
    const [before, hears] = [await guest('again'), await booth('again')];
    await hears.request('participant.suggest', spanish);
    await before.hears('participant.suggested');
    const after = await guest('again');
    await after.settled();
    expect(after.all('participant.suggested')).toEqual([]);
  });

  it('is told three times at once at the most, and again after a while', async () => {
    const [ana, hears] = [await guest('often'), await booth('often')];
    for (const speaks of ['es', 'fr', 'de']) await hears.request('participant.suggest', { ...spanish, speaks });
    const once = hears.request('participant.suggest', { ...spanish, speaks: 'it' });
    await expect(once).rejects.toEqual(refused('tooMany', /just now/));
    nowMs += 10_000;
    await hears.request('participant.suggest', { ...spanish, speaks: 'it' });
    await ana.settled();
    expect(ana.all('participant.suggested').map(({ speaks }) => speaks)).toEqual(['es', 'fr', 'de', 'it']);
  });

  it.each([
    ['guest', [] as const],
    ['host', ['host', 'admin'] as const],
  ])('is told nothing by another %s', async (room, more) => {
    const stranger = await join(server, person('stranger', { room, grants: ['publish', 'subscribe', ...more] }));
    const ana = await guest(room);
    const asked = stranger.request('participant.suggest', spanish);
    await expect(asked).rejects.toEqual(refused('forbidden', /"interpret"/));
    await ana.settled();
    expect(ana.all('participant.suggested')).toEqual([]);
  });

  it('is told nothing where they do not want to be interpreted', async () => {
    const [ana, hears] = [await guest('unwilling'), await booth('unwilling')];
    await ana.request('participant.update', { interpret: false });
    await expect(hears.request('participant.suggest', spanish)).rejects.toEqual(
      refused('interpretationRefused', /interpreted/),
    );
  });
});

describe('an interpreter', () => {
  it.each([
    ['nobody who is here', { ...spanish, participantId: 'nobody' }, 'notFound', /no participant nobody/],
    ['somebody of another room', { ...spanish, participantId: 'elsewhere' }, 'notFound', /no participant elsewhere/],
    ['a language that does not exist', { ...spanish, speaks: 'xx' }, 'noSuchLanguage', /"xx"/],
    ['what is no language', { ...spanish, speaks: '<b>' }, 'invalid', /speaks/],
    ['no name', { ...spanish, participantId: '' }, 'invalid', /participantId/],
  ])('suggests nothing for %s', async (_, data, code, message) => {
    await guest('wrong');
    await guest('other', 'elsewhere');
    const hears = await booth('wrong');
    await expect(hears.request('participant.suggest', data)).rejects.toEqual(refused(code, message));
  });
});
