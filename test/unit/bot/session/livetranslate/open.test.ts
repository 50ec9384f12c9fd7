/** Opening a session: what is connected to, and what is refused without connecting at all. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import {
  type Connect,
  openLiveTranslate,
  type SocketTarget,
} from '../../../../../bot/session/livetranslate/connect.ts';
import type { SessionEvents } from '../../../../../bot/session/translation-session.ts';
import { endpoints } from '../../../../../config/models.ts';
import { FakeClock } from '../../../../../time/fake-clock.ts';
import { recorder } from '../../../../support/livetranslate.ts';

const workspace = 'wss://ws-1.ap-southeast-1.maas.aliyuncs.com/api-ws/v1/realtime';

function opening({ url = workspace, key }: { url?: string; key?: string } = {}) {
  const clock = new FakeClock();
  const endpointsSeen: SocketTarget[] = [];
  const logged: string[] = [];
  let dials = 0;
  const connect: Connect = (endpoint) => {
    endpointsSeen.push(endpoint);
    return () => {
      dials++;
      return { bufferedBytes: 0, send() {}, close() {}, terminate() {} };
    };
  };
  const open = openLiveTranslate({
    url,
    model: 'qwen3-livetranslate-flash-realtime',
    ...(key !== undefined && { key }),
    clock,
    log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
    connect,
  });
  return { open, clock, endpointsSeen, logged, dials: () => dials };
}

const bad = { source: 'en', target: 'es', audio: true, voice: 'Nobody' };

describe('the endpoint', () => {
  it.each([workspace, endpoints.international, endpoints.mainland, 'ws://127.0.0.1:9/any/path?tenant=1'])(
    'is %s with the model, and the key in a header',
    (url) => {
      const { endpointsSeen } = opening({ url, key: 'sk-1' });
      const query = `${url.includes('?') ? '&' : '?'}model=qwen3-livetranslate-flash-realtime`;
      expect(endpointsSeen.map((endpoint) => endpoint.url.href)).toEqual([url + query]);
      expect(endpointsSeen[0]?.headers).toEqual({ Authorization: 'Bearer sk-1' });
      expect(opening({ url }).endpointsSeen[0]?.headers).toEqual({});
    },
  );
});

describe('settings that cannot be right', () => {
  it('end the session with the reason, after the current turn, and nothing is connected', async () => {
    const { open, clock, dials } = opening();
    const { events, recorded } = recorder();
    const session = open(bad, events);
    session.send(new Int16Array(1600));
    expect(session.sendImage(new Uint8Array(4))).toBe(false);
    expect(recorded).toEqual([]);
    const finished = session.finish();
    clock.advance(0);
    await finished;
    session.close();
    expect(recorded).toMatchObject([['closed', { class: 'config', code: 'voice', retryable: false }]]);
    expect(dials()).toBe(0);
  });

  it('are not told of a session that was closed before', async () => {
    const { open, clock } = opening();
    const { events, recorded } = recorder();
    const session = open(bad, events);
    session.close();
    session.close();
    await session.finish();
    expect(clock.pending).toBe(0);
    clock.advance(1000);
    expect(recorded).toEqual([['closed', undefined]]);
  });

  it('end it, though the listener fails', async () => {
    const { open, clock, logged } = opening();
    const events: SessionEvents = {
      ...recorder().events,
      closed: () => {
        throw new Error('a listener of its own');
      },
    };
    const session = open(bad, events);
    expect(() => clock.advance(0)).not.toThrow();
    await session.finish();
    expect(logged.join()).toContain('a listener of its own');
  });

  it('do not stand in the way of the next session', () => {
    const { open, dials } = opening();
    open(bad, recorder().events);
    open({ ...bad, voice: 'Cherry' }, recorder().events);
    expect(dials()).toBe(1);
  });
});
