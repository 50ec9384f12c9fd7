/** Where the signalling of a server is, whatever the server's address looks like. */
import { signalUrl } from '@mediasoup-booth/protocol';
import { expect, it } from 'vitest';

it.each([
  ['http://127.0.0.1:3000', 'ws://127.0.0.1:3000/v1/signal'],
  ['https://booth.example/', 'wss://booth.example/v1/signal'],
  ['https://example.org/booth', 'wss://example.org/booth/v1/signal'],
  ['https://example.org/a/booth/?x#y', 'wss://example.org/a/booth/v1/signal'],
  ['wss://example.org/booth/v1/signal', 'wss://example.org/booth/v1/signal'],
])('of %s it is %s', (server, url) => {
  expect(signalUrl(server)).toBe(url);
});
