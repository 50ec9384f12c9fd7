/** What a server asks of another to which a room is about to move, for which a real HTTP server stands, by a clock of the test's. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NextServer } from '../../server/room/next-server.ts';
import { PASSED_ON_HEADER } from '../../server/room/room-directory.ts';
import { FakeClock } from '../../time/fake-clock.ts';

/** No whole number, as no time of a real clock is. */
const LOOK_EVERY_MS = 250.25;

const ARRIVAL = { removed: [], muted: [], interpreter: { onDemand: true } };

const view = {
  id: 'booth-1',
  languages: ['es'],
  languageSettings: { es: { voice: 'Cherry' } },
  budget: { tokens: 1000 },
  pictures: 'off' as const,
  state: 'running' as const,
};

type State = 'starting' | 'running' | 'failed';

/** @param states what it answers, one after the other, and the last one again and again. @param status of its answer to the first request */
async function asked({ states = ['running'] as State[], status = 200 } = {}) {
  const clock = new FakeClock();
  const requests: {
    method: string | undefined;
    url: string | undefined;
    token: string | undefined;
    passedOn: unknown;
    body: unknown;
  }[] = [];
  let count = 0;
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const text = (await request.toArray()).join('');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    requests.push({ method, url, token: headers.authorization, passedOn: headers[PASSED_ON_HEADER], body });
    const state = states[Math.min(count++, states.length - 1)];
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ ...view, state }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const next = new NextServer({ server: `http://127.0.0.1:${port}`, room: 'demo', token: 'a-token', clock });
  const untilReady = async () => {
    let isReady: boolean | undefined;
    void next.openAhead(view).then((result) => {
      isReady = result;
    });
    while (isReady === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (clock.pending > 0) clock.advance(LOOK_EVERY_MS);
    }
    return isReady;
  };
  return { next, requests, clock, untilReady };
}

describe('an interpreter that is sent ahead', () => {
  it('is asked for with the settings of the one that is here, and is ready when it is at work', async () => {
    const { requests, untilReady } = await asked({ states: ['starting', 'starting', 'running'] });
    expect(await untilReady()).toBe(true);
    const { languages, languageSettings, budget, pictures } = view;
    const request = { method: 'POST', url: '/v1/rooms/demo/ahead', token: 'Bearer a-token', passedOn: '1' };
    const body = { languages, languageSettings, budget, pictures };
    expect(requests).toEqual(Array.from({ length: 3 }, () => ({ ...request, body })));
  });

  it('is waited for no longer than 25 s', async () => {
    const { clock, untilReady } = await asked({ states: ['starting'] });
    expect(await untilReady()).toBe(false);
    expect(clock.now()).toBeGreaterThanOrEqual(25_000);
    expect(clock.now()).toBeLessThan(25_000 + 2 * LOOK_EVERY_MS);
  });

  it('is not waited for where the other server refuses it', async () => {
    const { requests, clock, untilReady } = await asked({ status: 409 });
    expect(await untilReady()).toBe(false);
    expect([requests.length, clock.now()]).toEqual([1, 0]);
  });

  it('is not waited for where the other server is not there', async () => {
    expect(await nowhere().openAhead(view)).toBe(false);
  });
});

describe('a room that has moved', () => {
  it('is told of, with those whom a host has removed meanwhile', async () => {
    const { next, requests } = await asked();
    await next.arrive({ ...ARRIVAL, removed: ['eve'] });
    expect(requests).toMatchObject([{ url: '/v1/rooms/demo/arrival', body: { ...ARRIVAL, removed: ['eve'] } }]);
  });

  it('is not taken where the other server refuses it, or is not there, which says why', async () => {
    const { next } = await asked({ status: 503 });
    await expect(next.arrive(ARRIVAL)).rejects.toThrow(/^503: /);
    await expect(nowhere().arrive(ARRIVAL)).rejects.toThrow();
  });

  it('is ended there where its meeting has ended in that moment', async () => {
    const { next, requests } = await asked();
    await next.end();
    expect(requests).toMatchObject([{ method: 'DELETE', url: '/v1/rooms/demo/arrival', body: undefined }]);
    await nowhere().end();
  });
});

const nowhere = (): NextServer =>
  new NextServer({ server: 'http://127.0.0.1:9', room: 'demo', token: 'a-token', clock: new FakeClock() });
