/** What a server tells of its own state: to whoever asks whether it is ready, and to Prometheus. */
import { expect, it } from 'vitest';
import { call, inTheCloud, interpreter, join, person, startTestServer, type TestServer } from '../support/server.ts';

const metric = async ({ url }: TestServer, name: string): Promise<number> => {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
};

it('interpreters that end again and again are told where readiness is asked for, and counted', async () => {
  const server = await startTestServer();
  try {
    for (const room of ['hall', 'attic']) await join(server, person('ana', { room }), { hears: 'es' });
    expect(server.launches).toHaveLength(2);
    const [hall, attic] = server.launches;
    // Each restart is reported twice: when the interpreter ended, and when it is started.
    for (const state of ['running', 'restarting', 'restarting', 'running', 'restarting', 'running'] as const)
      hall?.assignment.onState(state);
    expect(await call(server, 'GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true, reasons: [] } });
    expect(await metric(server, 'booth_interpreter_restarts_total')).toBe(2);
    expect(await metric(server, 'booth_interpreters_failed')).toBe(0);

    hall?.assignment.onState('failed', 'The interpreter ended 5 times within five minutes (SIGKILL).');
    expect(await call(server, 'GET', '/readyz')).toMatchObject({
      status: 200,
      body: {
        ready: true,
        reasons: ['the interpreter of 1 room ended again and again, and is tried again later'],
      },
    });
    attic?.assignment.onState('failed', 'No engine.');
    expect((await call(server, 'GET', '/readyz')).body).toMatchObject({
      reasons: [expect.stringContaining('2 rooms')],
    });
    expect(await metric(server, 'booth_interpreters_failed')).toBe(2);
    expect(await metric(server, 'booth_interpreter_failures_total')).toBe(2);
    expect(await metric(server, 'booth_media_workers{state="running"}')).toBe(1);
    expect(await metric(server, 'booth_media_workers{state="wanted"}')).toBe(1);
  } finally {
    await server.close();
  }
});

it('the used share of the daily budget is a metric', async () => {
  const server = await startTestServer({
    ...inTheCloud,
    budget: { dailyMoney: 0, dailyTokens: 1000, onExceeded: 'captions' },
  });
  try {
    expect(await metric(server, 'booth_budget_used_ratio')).toBe(0);
    const bot = await join(server, interpreter('bot'));
    const tokens = { inputAudio: 250, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total: 250 };
    const sentMs = { speech: 8000, replayed: 0, silence: 0 };
    const entry = { speaker: { id: 'ann', name: 'Ann' }, language: 'es', sentMs, pictures: 0, tokens };
    await bot.request('usage.report', { reporter: 'one', number: 1, entries: [entry] });
    expect(await metric(server, 'booth_budget_used_ratio')).toBeCloseTo(0.25);
  } finally {
    await server.close();
  }
});

it('a server that starts is not ready, and says so', async () => {
  const earlier = await startTestServer();
  await earlier.close();
  const starting = startTestServer({ port: earlier.port, rtc: { port: 0, workers: 2 } });
  const answers: { status: number; body: unknown }[] = [];
  let isStarted = false;
  void starting.finally(() => {
    isStarted = true;
  });
  while (!isStarted) {
    const response = await fetch(new URL('/readyz', earlier.url)).catch(() => undefined);
    if (response) answers.push({ status: response.status, body: await response.json() });
    await new Promise((wait) => setTimeout(wait, 2));
  }
  const server = await starting;
  expect(answers).toContainEqual({ status: 503, body: { ready: false, reasons: ['the server is starting'] } });
  await server.close();
});
