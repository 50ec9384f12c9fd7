/** An interpreter that is sent ahead to another server, which a real HTTP server stands for, by a clock of the test's. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendInterpreterAhead } from '../../server/room/interpreter-ahead.ts';
import { FakeClock } from '../../time/fake-clock.ts';

/** No whole number, as no time of a real clock is. */
const LOOK_EVERY_MS = 250.25;

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
async function send({ states = ['running'] as State[], status = 201 } = {}) {
  const clock = new FakeClock();
  const requests: { method: string | undefined; url: string | undefined; token: string | undefined; body: unknown }[] =
    [];
  let asked = 0;
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const text = (await request.toArray()).join('');
    requests.push({ method, url, token: headers.authorization, body: text === '' ? undefined : JSON.parse(text) });
    const state = states[Math.min(asked, states.length - 1)];
    if (method === 'GET') asked++;
    response.writeHead(method === 'POST' ? status : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ interpreters: [{ ...view, state }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  let isReady: boolean | undefined;
  const options = { server: `http://127.0.0.1:${port}`, room: 'demo', token: 'a-token', interpreter: view, clock };
  void sendInterpreterAhead(options).then((result) => {
    isReady = result;
  });
  const untilReady = async () => {
    while (isReady === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (clock.pending > 0) clock.advance(LOOK_EVERY_MS);
    }
    return isReady;
  };
  return { requests, clock, untilReady };
}

describe('an interpreter that is sent ahead', () => {
  it('is asked for with the settings of the one that is here, and is ready when it is at work', async () => {
    const { requests, untilReady } = await send({ states: ['starting', 'starting', 'running'] });
    expect(await untilReady()).toBe(true);
    const { languages, languageSettings, budget, pictures } = view;
    expect(requests).toMatchObject([
      { method: 'POST', body: { languages, languageSettings, budget, pictures } },
      { method: 'GET' },
      { method: 'GET' },
      { method: 'GET' },
    ]);
    for (const { url, token } of requests)
      expect([url, token]).toEqual(['/v1/rooms/demo/interpreters', 'Bearer a-token']);
  });

  it('is waited for no longer than 25 s', async () => {
    const { clock, untilReady } = await send({ states: ['starting'] });
    expect(await untilReady()).toBe(false);
    expect(clock.now()).toBeGreaterThanOrEqual(25_000);
    expect(clock.now()).toBeLessThan(25_000 + 2 * LOOK_EVERY_MS);
  });

  it('is not waited for where the other server refuses it', async () => {
    const { requests, clock, untilReady } = await send({ status: 409 });
    expect(await untilReady()).toBe(false);
    expect([requests.length, clock.now()]).toEqual([1, 0]);
  });

  it('is not waited for where the other server is not there', async () => {
    const options = { server: 'http://127.0.0.1:9', room: 'demo', token: 'a-token', interpreter: view };
    expect(await sendInterpreterAhead({ ...options, clock: new FakeClock() })).toBe(false);
  });
});
