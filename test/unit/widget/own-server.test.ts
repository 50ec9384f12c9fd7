/** From which server a script came. */
import { expect, it } from 'vitest';
import { ownServer } from '../../../client-widget/sources/own-server.ts';

it.each([
  ['https://meet.example.org/widget.js', 'https://meet.example.org'],
  ['https://meet.example.org/booth/widget.js?v=2', 'https://meet.example.org/booth'],
  ['https://meet.example.org/assets/index-C3.js', 'https://meet.example.org'],
  ['https://meet.example.org/a/booth/assets/index-C3.js', 'https://meet.example.org/a/booth'],
  // Bundled into the application that embeds it.
  ['https://app.example.org/static/app.js', 'https://app.example.org'],
])('a script at %s came from %s', (script, server) => {
  expect(ownServer(script)).toBe(server);
});
