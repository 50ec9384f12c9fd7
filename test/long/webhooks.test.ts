/** A receiver of webhooks that is down for a minute while things happen, and for whom nothing is lost. */
import { join as path } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/booth-process.ts';
import { call, person, startTestServer, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';
import { WebhookReceiver, webhookSecret } from '../support/webhook-receiver.ts';

const DOWN_MS = 60_000;
const ROOM_EVERY_MS = 250;
const admin = tokenOf(person('root', { grants: ['admin'] }));

it('a receiver that was down for a minute is told everything afterwards, in order and each once', async () => {
  const receiver = await WebhookReceiver.start();
  const server = await startTestServer({
    webhooks: {
      endpoints: [{ url: receiver.url, secret: webhookSecret, events: ['room.started', 'room.ended'] }],
      allowPrivateAddresses: true,
      folder: path(temporaryFolder(), 'webhooks'),
    },
  });
  onTestFinished(() => server.close());
  const happened: string[] = [];
  const happen = async () => {
    const name = `room-${happened.length}`;
    await call(server, 'POST', '/v1/rooms', { token: admin, body: { name } });
    await call(server, 'DELETE', `/v1/rooms/${name}`, { token: admin });
    happened.push(`room.started ${name}`, `room.ended ${name}`);
  };
  await happen();
  await until(() => receiver.messages.length === 2);
  await receiver.stop();
  const downSinceMs = performance.now();
  while (performance.now() - downSinceMs < DOWN_MS) {
    await happen();
    await new Promise((resolve) => setTimeout(resolve, ROOM_EVERY_MS));
  }
  await receiver.listen();
  const upMs = performance.now();
  await until(() => receiver.messages.length >= happened.length, 600_000);
  const lateMs = Math.round(performance.now() - upMs);
  console.log(`webhooks: ${happened.length} messages, the last ${lateMs} ms after the receiver was back`);
  const told = receiver.messages.map(({ payload }) => `${payload.type} ${'room' in payload.data && payload.data.room}`);
  expect(told).toEqual(happened);
  expect(receiver.messages.map(({ payload }) => payload.sequence)).toEqual(happened.map((_, index) => index + 1));
  expect(happened.length).toBeGreaterThan(50);
});
