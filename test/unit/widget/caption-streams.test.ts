/** Captions for a page whose media do not get through, and which pages those are. */

import type { RoomMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { isFirefoxOnLoopback } from '../../../client-widget/media/browser-room.ts';
import { CaptionStreams } from '../../../client-widget/meeting/caption-streams.ts';
import { playout } from '../../support/room-messages.ts';

describe('CaptionStreams', () => {
  function streams() {
    const open = new Map<string, (message: RoomMessage) => void>();
    const received: RoomMessage[] = [];
    const all = new CaptionStreams({
      server: 'http://booth.example',
      room: 'hall',
      token: () => 'token',
      onMessage: (message) => received.push(message),
      source: (language) => ({
        open({ message }) {
          open.set(language, (one) => message(one, false));
          return () => open.delete(language);
        },
      }),
    });
    return { all, open, received };
  }

  it('has one stream for each language that is read, and ends those that are not', () => {
    const { all, open } = streams();
    all.reconcile(['original', 'es']);
    const spanish = open.get('es');
    all.reconcile(['es', 'fr']);
    expect([...open.keys()].sort()).toEqual(['es', 'fr']);
    expect(open.get('es')).toBe(spanish);
    all.reconcile([]);
    expect(open.size).toBe(0);
  });

  it('passes on what each stream brings', () => {
    const { all, open, received } = streams();
    all.reconcile(['es']);
    const message = playout('a', 'started', 0);
    open.get('es')?.(message);
    expect(received).toEqual([message]);
  });
});

describe('isFirefoxOnLoopback', () => {
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36';

  it.each(['localhost', 'booth.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])(
    'is true of Firefox at %s',
    (hostname) => {
      expect(isFirefoxOnLoopback({ hostname }, { userAgent: firefox })).toBe(true);
      expect(isFirefoxOnLoopback({ hostname }, { userAgent: chrome })).toBe(false);
    },
  );

  it.each(['192.168.1.7', 'booth.example', '127.example', 'localhost.example'])('is false at %s', (hostname) => {
    expect(isFirefoxOnLoopback({ hostname }, { userAgent: firefox })).toBe(false);
  });
});
