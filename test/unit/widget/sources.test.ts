import { afterEach, describe, expect, it, vi } from 'vitest';
import { EntranceError } from '../../../client-widget/media/entrance-error.ts';
import { isTransient } from '../../../client-widget/media/rejoin.ts';
import { attachedSource } from '../../../client-widget/sources/attached-source.ts';
import type { WidgetConnection } from '../../../client-widget/sources/caption-source.ts';
import { serverAddress } from '../../../client-widget/sources/caption-source.ts';
import { eventStreamSource } from '../../../client-widget/sources/event-stream-source.ts';
import { warnOfMissingAttributes } from '../../../client-widget/sources/missing-attribute-warning.ts';
import { SignallingError } from '../../../room-client/signalling-client.ts';

describe('attachedSource', () => {
  it.each([null, undefined, {}, 'captions'])(
    'is refused at once where it is %j, and says what it should be',
    (what) => {
      expect(() => attachedSource(what as never)).toThrow(TypeError);
      expect(() => attachedSource(what as never)).toThrow('attach takes a DataConsumer');
    },
  );

  it.each([new EventTarget(), { onmessage: null }, { on: () => undefined }])('may be any channel', (channel) => {
    const told: WidgetConnection[] = [];
    attachedSource(channel).open({ message: () => undefined, connection: (connection) => told.push(connection) })();
    expect(told).toEqual([{ is: 'live' }]);
  });
});

it.each([
  ['booth.example', 'https://booth.example'],
  ['booth.example:8443', 'https://booth.example:8443'],
  ['https://booth.example', 'https://booth.example'],
  ['http://localhost:7750', 'http://localhost:7750'],
  ['https://meet.example.org/booth/', 'https://meet.example.org/booth'],
  ['meet.example.org/booth', 'https://meet.example.org/booth'],
  ['', ''],
])('the server %j is at %j', (server, address) => {
  expect(serverAddress(server)).toBe(address);
});

it('a token that no header can carry ends it, and nobody is asked', async () => {
  const told: WidgetConnection[] = [];
  const source = eventStreamSource({
    server: 'http://127.0.0.1:9',
    room: 'lobby',
    language: 'es',
    token: () => 'eyJ…',
    renewable: true,
  });
  source.open({ message: () => undefined, connection: (connection) => told.push(connection) });
  await expect.poll(() => told).toHaveLength(2);
  expect(told.at(-1)).toEqual({ is: 'ended', message: 'This is not a token.', code: '' });
});

it.each<[boolean, Error]>([
  [true, new SignallingError('unreachable', '')],
  [true, new SignallingError('timeout', '')],
  [true, new SignallingError('goingAway', '')],
  [true, new EntranceError('', true)],
  [true, new TypeError('Failed to fetch')],
  [false, new SignallingError('forgedToken', '')],
  [false, new SignallingError('unsupported', '')],
  [false, new EntranceError('', false)],
])('that it may pass is %j of %o', (expected, error) => {
  expect(isTransient(error)).toBe(expected);
});

describe('the developer of a page', () => {
  afterEach(() => vi.restoreAllMocks());
  const none = {
    localName: 'booth-captions',
    room: undefined,
    token: undefined,
    getToken: undefined,
    language: undefined,
  };

  it.each([
    [{}, 'no room, no token, no language'],
    [{ room: 'lobby', language: 'es' }, 'no token'],
    [{ room: 'lobby', getToken: () => '' }, 'no language'],
  ])('is told what an element with %j lacks', (given, lacks) => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    warnOfMissingAttributes({ ...none, ...given });
    const words = `<booth-captions> shows nothing: it has ${lacks}, and nothing is attached to it.`;
    expect(warn.mock.calls).toEqual([[words]]);
  });

  it('is told nothing of an element that the page does not show yet', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    warnOfMissingAttributes({ ...none, checkVisibility: () => false });
    expect(warn).not.toHaveBeenCalled();
  });
});
