/** Delivery in fake time: the receiver is scripted at the seam behind which sockets are. */
import type { WebhookEvent } from '@mediasoup-booth/protocol';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import type { StoredEndpoint } from '../../../../server/webhooks/delivery-journal.ts';
import { WebhookEndpoint } from '../../../../server/webhooks/webhook-endpoint.ts';
import type { WebhookAnswer } from '../../../../server/webhooks/webhook-sender.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { otherWebhookSecret, webhookSecret } from '../../../support/webhook-receiver.ts';

const HOUR_MS = 3_600_000;
/** The verifier takes the time from the system. */
const BEGAN_MS = Date.now();

const started = (room: string, atMs = BEGAN_MS): WebhookEvent => ({
  type: 'room.started',
  timestamp: new Date(atMs).toISOString(),
  data: { room, instance: 'i' },
});

/** Lets everything run that waits for nothing but promises. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

class Delivery {
  readonly clock = new FakeClock();
  readonly posts: {
    room: string;
    sequence: number;
    id: string;
    atMs: number;
    headers: Record<string, string>;
    body: string;
  }[] = [];
  readonly counted: string[] = [];
  rewritten: StoredEndpoint | undefined;
  answer: (post: number) => WebhookAnswer | Error = () => ({ status: 200 });
  readonly endpoint: WebhookEndpoint;

  constructor(stored: StoredEndpoint = { next: 1, disabled: false, messages: [] }) {
    this.endpoint = new WebhookEndpoint(
      {
        id: 'endpoint',
        url: new URL('https://app.example/secret-path?key=1'),
        secrets: [webhookSecret, otherWebhookSecret],
        events: ['room.started'],
      },
      stored,
      {
        sender: {
          post: async (_url, headers, body) => {
            const { data, sequence } = JSON.parse(body);
            const id = headers['webhook-id'] ?? '';
            this.posts.push({ room: data.room, sequence, id, atMs: this.clock.now(), headers: { ...headers }, body });
            const answer = this.answer(this.posts.length);
            if (answer instanceof Error) throw answer;
            return answer;
          },
        },
        journal: {
          added: async () => true,
          done: () => {},
          rewrite: (state) => {
            this.rewritten = state;
          },
          close: async () => {},
        },
        counts: {
          webhookAttempted: (_endpoint, outcome) => this.counted.push(outcome),
          webhookAbandoned: (_endpoint, reason, count) => this.counted.push(`${reason} ${count}`),
        },
        clock: this.clock,
        wallNow: () => BEGAN_MS + this.clock.now(),
        log: silentLog,
      },
    );
  }

  async push(...rooms: string[]): Promise<void> {
    for (const room of rooms) this.endpoint.push(started(room, BEGAN_MS + this.clock.now()));
    await settled();
  }

  /** In small steps, so that what each wakes comes to its own waiting. */
  async pass(ms: number, stepMs = 250): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(Math.min(stepMs, ms - passed));
      await settled();
    }
  }

  get rooms(): string[] {
    return this.posts.map(({ room }) => room);
  }
}

describe('a webhook endpoint', () => {
  it('is told what it wants, in order, each once, with two signatures of two secrets', async () => {
    const delivery = new Delivery();
    delivery.endpoint.push({ type: 'room.ended', timestamp: '', data: {} } as unknown as WebhookEvent);
    await delivery.push('one', 'two', 'three');
    expect(delivery.posts.map(({ room, sequence }) => [room, sequence])).toEqual([
      ['one', 1],
      ['two', 2],
      ['three', 3],
    ]);
    expect(new Set(delivery.posts.map(({ id }) => id)).size).toBe(3);
    for (const { headers, body } of delivery.posts) {
      expect(new Webhook(webhookSecret).verify(body, headers)).toEqual(JSON.parse(body));
      expect(new Webhook(otherWebhookSecret).verify(body, headers)).toEqual(JSON.parse(body));
      const stranger = new Webhook(`whsec_${Buffer.alloc(32, 'three').toString('base64')}`);
      expect(() => stranger.verify(body, headers)).toThrow();
    }
    expect(delivery.endpoint.view).toMatchObject({ state: 'ok', queued: 0, delivered: 3, abandoned: 0 });
  });

  it('sends a message again with pauses that double, and later ones after it', async () => {
    const delivery = new Delivery();
    delivery.answer = () => new Error('connect ECONNREFUSED');
    await delivery.push('one', 'two');
    await delivery.pass(40_000);
    const pauses = delivery.posts.slice(1).map(({ atMs }, index) => atMs - (delivery.posts[index]?.atMs ?? 0));
    expect(delivery.rooms.every((room) => room === 'one')).toBe(true);
    expect(new Set(delivery.posts.map(({ id }) => id)).size).toBe(1);
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(800 * 2 ** index);
      expect(pause).toBeLessThanOrEqual(1000 * 2 ** index + 250);
    }
    expect(delivery.endpoint.view).toMatchObject({ state: 'failing', queued: 2, problem: 'connect ECONNREFUSED' });
    delivery.answer = () => ({ status: 204 });
    await delivery.pass(60_000);
    expect(delivery.rooms.slice(-2)).toEqual(['one', 'two']);
    expect(delivery.endpoint.view).toEqual(expect.objectContaining({ state: 'ok', queued: 0 }));
    expect(delivery.endpoint.view).not.toHaveProperty('problem');
  });

  it.each([301, 400, 404, 500])('does not take %i for an acknowledgement', async (status) => {
    const delivery = new Delivery();
    delivery.answer = (post) => ({ status: post === 1 ? status : 200 });
    await delivery.push('one');
    expect(delivery.endpoint.view).toMatchObject({ state: 'failing', problem: `the receiver answered ${status}` });
    await delivery.pass(2000);
    expect(delivery.rooms).toEqual(['one', 'one']);
  });

  it('leaves a receiver alone for as long as it says, up to an hour', async () => {
    const delivery = new Delivery();
    delivery.answer = (post) => (post === 1 ? { status: 429, retryAfterMs: 30_000 } : { status: 200 });
    await delivery.push('one');
    await delivery.pass(29_000);
    expect(delivery.posts).toHaveLength(1);
    await delivery.pass(2000);
    expect(delivery.posts).toHaveLength(2);
    delivery.answer = (post) => (post === 3 ? { status: 503, retryAfterMs: 10 * HOUR_MS } : { status: 200 });
    await delivery.push('two');
    await delivery.pass(HOUR_MS + 1000, 60_000);
    expect(delivery.rooms).toEqual(['one', 'one', 'two', 'two']);
  });

  it('gives messages up after a day, and tells by a gap', async () => {
    const delivery = new Delivery();
    delivery.answer = () => ({ status: 500 });
    await delivery.push('one', 'two');
    await delivery.pass(20 * HOUR_MS, 60_000);
    await delivery.push('three');
    await delivery.pass(5 * HOUR_MS, 60_000);
    expect(delivery.endpoint.view).toMatchObject({ queued: 1, abandoned: 2 });
    expect(delivery.counted).toContain('expired 2');
    delivery.answer = () => ({ status: 200 });
    await delivery.pass(600_000, 60_000);
    expect(delivery.posts.at(-1)).toMatchObject({ room: 'three', sequence: 3 });
    expect(delivery.endpoint.view).toMatchObject({ state: 'ok', queued: 0, delivered: 1 });
  });

  it('is disabled when it answers 410, until it is enabled again', async () => {
    const delivery = new Delivery();
    delivery.answer = () => ({ status: 410 });
    await delivery.push('one', 'two');
    await delivery.push('three');
    await delivery.pass(HOUR_MS, 60_000);
    expect(delivery.posts).toHaveLength(1);
    expect(delivery.endpoint.view).toMatchObject({ state: 'disabled', queued: 0, abandoned: 3 });
    expect(delivery.rewritten).toMatchObject({ disabled: true, messages: [] });
    delivery.answer = () => ({ status: 200 });
    delivery.endpoint.enable();
    await delivery.push('four');
    expect(delivery.posts.at(-1)).toMatchObject({ room: 'four', sequence: 4 });
    expect(delivery.rewritten).toMatchObject({ disabled: false });
  });

  it('that was disabled before a restart stays so', async () => {
    const delivery = new Delivery({ next: 7, disabled: true, messages: [] });
    await delivery.push('one');
    expect(delivery.posts).toEqual([]);
  });

  it('shows neither the query of its URL nor anything after it is closed', async () => {
    const delivery = new Delivery();
    expect(delivery.endpoint.view.url).toBe('https://app.example/secret-path');
    delivery.answer = () => ({ status: 500 });
    await delivery.push('one');
    await delivery.endpoint.close();
    await delivery.push('two');
    await delivery.pass(10_000);
    expect(delivery.posts).toHaveLength(1);
    expect(delivery.clock.pending).toBe(0);
  });
});
