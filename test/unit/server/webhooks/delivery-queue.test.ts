import type { WebhookEvent } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { DeliveryQueue } from '../../../../server/webhooks/delivery-queue.ts';

const at = (ms: number) => new Date(ms).toISOString();
const started = (room: string, ms = 0): WebhookEvent => ({
  type: 'room.started',
  timestamp: at(ms),
  data: { room, instance: 'i' },
});
const captioned = (utterance: string): WebhookEvent => ({
  type: 'caption.final',
  timestamp: at(0),
  data: {
    room: 'hall',
    instance: 'i',
    interpreter: 'booth',
    utterance,
    language: 'es',
    kind: 'translation',
    speaker: { id: 'ben', name: 'Ben' },
    text: 'hola',
    start: 0,
  },
});
const numbers = (queue: DeliveryQueue) => queue.stored.messages.map(({ payload }) => payload.sequence);
const bounds = { messages: 3, bytes: 1_000_000 };

describe('the queue of a webhook endpoint', () => {
  it('numbers messages in the order in which they come, and goes on with what was stored', () => {
    const queue = new DeliveryQueue({ next: 1, messages: [] });
    queue.push('a', started('one'));
    queue.push('b', started('two'));
    const again = new DeliveryQueue(queue.stored);
    again.removeHead();
    again.push('c', started('three'));
    expect(again.stored).toMatchObject({
      next: 4,
      messages: [
        { id: 'b', payload: { sequence: 2 } },
        { id: 'c', payload: { sequence: 3 } },
      ],
    });
  });

  it('drops the oldest of too many, but not the one that is being sent', () => {
    const queue = new DeliveryQueue({ next: 1, messages: [] }, bounds);
    const dropped = ['one', 'two', 'three', 'four', 'five'].flatMap((room) => queue.push(room, started(room)).dropped);
    expect(dropped.map(({ id }) => id)).toEqual(['two', 'three']);
    expect(numbers(queue)).toEqual([1, 4, 5]);
  });

  it('drops captions before anything else', () => {
    const queue = new DeliveryQueue({ next: 1, messages: [] }, bounds);
    for (const event of [started('one'), started('two'), captioned('u1'), started('three'), started('four')])
      queue.push('id', event);
    expect(numbers(queue)).toEqual([1, 4, 5]);
  });

  it('holds no more bytes than it may, and counts those that it holds', () => {
    const queue = new DeliveryQueue({ next: 1, messages: [] }, { messages: 1000, bytes: 1000 });
    for (let n = 0; n < 100; n++) queue.push(`id ${n}`, started('hall'));
    expect(queue.bytes).toBeLessThanOrEqual(1000);
    expect(queue.length).toBeGreaterThan(2);
    queue.clear();
    expect(queue.bytes).toBe(0);
  });

  it('gives up the captions of a room, but not the one that is being sent', () => {
    const queue = new DeliveryQueue({ next: 1, messages: [] });
    for (const event of [captioned('u1'), started('hall'), captioned('u2'), captioned('u3')]) queue.push('id', event);
    expect(queue.removeCaptions('another')).toEqual([]);
    expect(queue.removeCaptions('hall').map(({ payload }) => payload.sequence)).toEqual([3, 4]);
    expect(numbers(queue)).toEqual([1, 2]);
  });

  it('gives up what is too old, from its beginning', () => {
    const queue = new DeliveryQueue({ next: 1, messages: [] });
    for (const ms of [1000, 2000, 3000]) queue.push(`at ${ms}`, started('hall', ms));
    expect(queue.removeExpired(3000).map(({ id }) => id)).toEqual(['at 1000', 'at 2000']);
    expect(queue.removeExpired(3000)).toEqual([]);
    expect(queue.removeExpired(9000)).toHaveLength(1);
  });

  it('leaves a gap for what was given up before it was kept', () => {
    const queue = new DeliveryQueue({ next: 1, messages: [] });
    queue.skip();
    queue.push('id', started('hall'));
    expect(numbers(queue)).toEqual([2]);
  });
});
