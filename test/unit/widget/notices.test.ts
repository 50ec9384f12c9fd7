import type { InterpretationState, StatusMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { connectionNotice, SpeakerNotices } from '../../../client-widget/captions/notices.ts';

const jane = { id: 'jane', name: 'Jane' };
const envelope = { v: 1, seq: 1, language: 'es', speaker: jane } as const;
const status = (state: InterpretationState, message?: string): StatusMessage => ({
  ...envelope,
  type: 'status',
  state,
  queueMs: 0,
  listeners: 1,
  ...(message && { message }),
});
const texts = (doings: SpeakerNotices, nowMs: number) => doings.at(nowMs).notices.map(({ message }) => message);

describe('the notices for a reader', () => {
  it('say that a translation is late when nothing new has arrived for 2 s, until something does', () => {
    const doings = new SpeakerNotices();
    doings.status(status('translating'), 0);
    expect(texts(doings, 1_999)).toEqual([]);
    expect(doings.at(0).nextMs).toBe(2_000);
    expect(texts(doings, 2_000)).toEqual(['Still translating …']);
    doings.captioned(jane, 3_000);
    expect(texts(doings, 3_000)).toEqual([]);
    expect(texts(doings, 5_000)).toEqual(['Still translating …']);
    doings.status(status('listening'), 6_000);
    expect(texts(doings, 9_000)).toEqual([]);
  });

  it('say nothing of a translation that has only begun, however long nobody spoke', () => {
    const doings = new SpeakerNotices();
    doings.status(status('listening'), 0);
    doings.status(status('translating'), 60_000);
    expect(texts(doings, 60_000)).toEqual([]);
  });

  it('are kept for the last 64 speakers', () => {
    const doings = new SpeakerNotices();
    for (let n = 0; n < 65; n++) {
      doings.status({ ...status('unavailable', `Trouble ${n}.`), speaker: { id: `${n}`, name: '' } }, 0);
    }
    expect(texts(doings, 0).length).toBe(64);
    expect(texts(doings, 0)[0]).toBe('Trouble 1.');
  });

  it('say why the interpreter waits, in its own message where it sends one', () => {
    const doings = new SpeakerNotices();
    doings.status(status('waiting'), 0);
    expect(texts(doings, 0)).toEqual(['Waiting for the interpreter …']);
    doings.status(status('unavailable', 'The key was refused.'), 10);
    expect(doings.at(10).notices).toEqual([
      { kind: 'trouble', code: 'Interpretation is not available.', message: 'The key was refused.' },
    ]);
  });

  it('say what the operator is told in other words, and the same reason in any language', () => {
    const doings = new SpeakerNotices();
    doings.status({ ...status('unavailable', 'api.example.com refused the key.'), reason: 'serviceRefused' }, 0);
    const plain = 'Interpretation is not available.';
    expect(doings.at(0).notices).toEqual([{ kind: 'trouble', code: plain, message: plain }]);
    doings.status({ ...status('waiting', 'It is about 5 s behind.'), reason: 'behind' }, 1);
    expect(doings.at(1).notices).toEqual([
      {
        kind: 'waiting',
        code: 'The interpreter is behind.',
        message: 'It is about 5 s behind.',
      },
    ]);
  });

  it('say for 4 s that speech was skipped', () => {
    const doings = new SpeakerNotices();
    doings.playout({ ...envelope, type: 'playout', utterance: 'a', state: 'skipped', at: 0 }, 0);
    expect(texts(doings, 3_999)).toEqual(['Some speech was skipped.']);
    expect(texts(doings, 4_000)).toEqual([]);
  });

  it('say the same of two speakers once', () => {
    const doings = new SpeakerNotices();
    doings.status(status('waiting'), 0);
    doings.status({ ...status('waiting'), speaker: { id: 'luis', name: 'Luis' } }, 0);
    expect(texts(doings, 0)).toEqual(['Waiting for the interpreter …']);
  });

  it('expire when no message confirms them', () => {
    const doings = new SpeakerNotices();
    for (const state of ['translating', 'waiting', 'reconnecting', 'overBudget', 'unavailable'] as const) {
      doings.status({ ...status(state), speaker: { id: state, name: '' } }, 0);
    }
    expect(texts(doings, 600_000)).toEqual([]);
    expect(doings.at(600_000).nextMs).toBeUndefined();
  });

  it('say that the connection is lost, and why it has ended', () => {
    expect(connectionNotice({ is: 'lost', message: '', code: '', delayMs: 1 })?.kind).toBe('lost');
    expect(connectionNotice({ is: 'ended', message: 'The token has expired.', code: 'expiredToken' })).toEqual({
      kind: 'ended',
      code: 'expiredToken',
      message: 'The token has expired.',
    });
    expect(connectionNotice({ is: 'live' })).toBeUndefined();
  });

  it('say that too many people read, which is no problem of the connection', () => {
    const message = 'Too many read already.';
    expect(connectionNotice({ is: 'lost', message, code: 'tooMany', delayMs: 1 })?.message).toBe(message);
  });
});
