import { MAX_ROOM_MESSAGE_BYTES } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import {
  type CaptionHistory,
  type CaptionOrigin,
  FINALS_KEPT,
  HISTORY_BYTES,
  LANGUAGES_KEPT,
  PARTIALS_KEPT,
} from '../../../captions/caption-history.ts';
import { CheckedCaptionHistory } from '../../../captions/checked-caption-history.ts';
import { caption, playout } from '../../support/room-messages.ts';

const spanish = { id: 'channel-1', language: 'es' };
const bytes = (message: unknown) => new TextEncoder().encode(JSON.stringify(message));
const texts = (history: CaptionHistory) => history.recent().map(({ stable }) => stable);

class ReceivingHistory extends CheckedCaptionHistory {
  receive(source: CaptionOrigin, bytes: Uint8Array) {
    const message = this.parse(source, bytes);
    return message && this.add(source, message, bytes.byteLength);
  }
}

describe('CaptionHistory', () => {
  it('keeps the last 50 finals of each language, oldest first', () => {
    const history = new ReceivingHistory();
    for (let n = 0; n < FINALS_KEPT + 10; n++) {
      history.receive(spanish, bytes(caption(`u${n}`, { start: n })));
      history.receive({ id: 'channel-2', language: 'fr' }, bytes(caption(`u${n}`, { language: 'fr', start: n })));
    }
    const recent = history.recent();
    expect(recent).toHaveLength(2 * FINALS_KEPT);
    expect(recent.filter(({ language }) => language === 'es').map(({ utterance }) => utterance)).toEqual(
      Array.from({ length: FINALS_KEPT }, (_, n) => `u${n + 10}`),
    );
    expect(recent.map(({ start }) => start)).toEqual(recent.map(({ start }) => start).sort((a, b) => a - b));
  });

  it('numbers messages, and returns those after a number', () => {
    const history = new ReceivingHistory();
    const numbers = [
      caption('one'),
      playout('one', 'started', 1),
      caption('two', { final: false }),
      caption('three'),
    ].map((message) => history.receive(spanish, bytes(message))?.number);
    expect(numbers).toEqual([1, 2, 3, 4]);
    history.receive(spanish, bytes({}));
    const since = (number: number) => history.since(number).map((overheard) => overheard.message.utterance);
    expect(since(0).sort()).toEqual(['one', 'three', 'two']);
    expect(since(1).sort()).toEqual(['three', 'two']);
    expect(history.since(3)).toMatchObject([{ number: 4, message: { utterance: 'three' } }]);
    expect(since(4)).toEqual([]);
  });

  it('keeps the newest text of an open partial, until its final comes', () => {
    const history = new ReceivingHistory();
    history.receive(spanish, bytes(caption('u', { stable: 'Hola', final: false })));
    history.receive(spanish, bytes(caption('u', { stable: 'Hola a', tentative: ' todas', final: false })));
    expect(texts(history)).toEqual(['Hola a']);
    history.receive(spanish, bytes(caption('u', { stable: 'Hola a todos', final: true })));
    expect(history.recent()).toMatchObject([{ stable: 'Hola a todos', final: true }]);
  });

  it('keeps a final without words that was filtered', () => {
    const history = new ReceivingHistory();
    history.receive(spanish, bytes(caption('u', { stable: '', contentFiltered: true })));
    history.receive(spanish, bytes(caption('v', { stable: 'Hola', contentFiltered: true })));
    expect(history.recent()).toMatchObject([
      { utterance: 'u', stable: '', contentFiltered: true },
      { utterance: 'v', stable: 'Hola', contentFiltered: true },
    ]);
  });

  it('keeps an original and its translation apart where both have the same utterance name', () => {
    const history = new ReceivingHistory();
    history.receive(spanish, bytes(caption('u', { kind: 'original', final: false, start: 1 })));
    history.receive(spanish, bytes(caption('u', { kind: 'translation', start: 2 })));
    expect(history.recent().map(({ kind, final }) => `${kind} ${final}`)).toEqual([
      'original false',
      'translation true',
    ]);
  });

  it('removes the open partials of a channel that closed, and no others', () => {
    const history = new ReceivingHistory();
    history.receive(spanish, bytes(caption('said')));
    history.receive(spanish, bytes(caption('open', { final: false })));
    history.receive({ ...spanish, id: 'channel-2' }, bytes(caption('other', { final: false })));
    history.sourceClosed(spanish.id);
    expect(texts(history)).toEqual(['texto said', 'texto other']);
  });

  it('keeps no more than 512 kB in all, the latest, however long captions are', () => {
    const history = new ReceivingHistory();
    const stable = 'x'.repeat(10_000);
    const sizeOf = () => Buffer.byteLength(JSON.stringify(history.recent()));
    for (let n = 0; n < 10_000; n++) {
      const language = `${'abcdefghij'[n % 10]}${'abcdefghij'[n % 7]}`;
      const source = { id: `channel-${language}`, language };
      history.receive(source, bytes(caption(`u${n}`, { language, stable, final: n % 3 === 0, start: n })));
      if (n % 500 === 0) expect(sizeOf()).toBeLessThanOrEqual(HISTORY_BYTES);
    }
    expect(sizeOf()).toBeGreaterThan(HISTORY_BYTES / 2);
    expect(history.recent().at(-1)?.utterance).toBe('u9999');
  });

  it('takes no message in the name of somebody unknown', () => {
    const history = new ReceivingHistory(({ id, name }) => id === 'ben' && name === 'Ben');
    expect(history.receive(spanish, bytes(caption('u', { speaker: { id: 'boss', name: 'Ben' } })))).toBeUndefined();
    expect(
      history.receive(spanish, bytes(playout('u', 'started', 1, { speaker: { id: 'ben', name: 'Host' } }))),
    ).toBeUndefined();
    expect(history.dropped).toBe(2);
    expect(history.receive(spanish, bytes(caption('u')))).toMatchObject({ number: 1 });
  });

  it('keeps no final without words', () => {
    const history = new ReceivingHistory();
    history.receive(spanish, bytes(caption('u', { stable: '', tentative: 'ho', final: false })));
    history.receive(spanish, bytes(caption('u', { stable: '', final: true })));
    expect(history.recent()).toEqual([]);
    expect(history.dropped).toBe(0);
  });

  it('accepts playout and status messages, and keeps neither', () => {
    const history = new ReceivingHistory();
    history.receive(spanish, bytes(playout('u', 'started', 1)));
    expect(history.recent()).toEqual([]);
    expect(history.dropped).toBe(0);
  });

  it.each([
    ['not JSON', new TextEncoder().encode('hola')],
    ['not UTF-8', new Uint8Array([0xff, 0xfe, 0x00])],
    ['empty', new Uint8Array()],
    ['null', bytes(null)],
    ['of an unknown type', bytes({ ...caption('u'), type: 'gossip' })],
    ['without a speaker', bytes({ ...caption('u'), speaker: undefined })],
    ['of another language than its channel', bytes(caption('u', { language: 'fr' }))],
    ['too large', bytes(caption('u', { stable: 'x'.repeat(MAX_ROOM_MESSAGE_BYTES) }))],
  ])('drops and counts a message that is %s', (_what, message) => {
    const history = new ReceivingHistory();
    history.receive(spanish, message);
    expect(history.recent()).toEqual([]);
    expect(history.dropped).toBe(1);
  });

  it('stays bounded whatever an interpreter opens', () => {
    const history = new ReceivingHistory();
    for (let n = 0; n < PARTIALS_KEPT + 20; n++) history.receive(spanish, bytes(caption(`u${n}`, { final: false })));
    expect(history.recent()).toHaveLength(PARTIALS_KEPT);
    for (let n = 0; n < LANGUAGES_KEPT; n++) {
      const language = `x${String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26))}`;
      history.receive({ id: language, language }, bytes(caption('u', { language })));
    }
    expect(history.recent()).toHaveLength(LANGUAGES_KEPT);
  });
});
