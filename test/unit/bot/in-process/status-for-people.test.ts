import type { StatusMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { forPeople, textForPeople } from '../../../../bot/in-process/status-for-people.ts';
import { caption } from '../../../support/room-messages.ts';

const status = (change: Partial<StatusMessage>): StatusMessage => ({
  ...{ v: 1, seq: 1, type: 'status', language: 'es', speaker: { id: 'ann', name: 'Ann' } },
  ...{ state: 'unavailable', queueMs: 0, listeners: 1 },
  ...change,
});

describe('what people are told of an interpretation', () => {
  it.each(['serviceRefused', 'serviceFailed', 'connectionLimit'] as const)(
    'names no host and no setting: %s',
    (reason) => {
      const message = 'The translation service at api.example.com refused the API key: HTTP 401. Check engine.key.';
      const told = forPeople(status({ reason, message }));
      expect(told).toEqual(status({ reason, message: expect.stringMatching(/interpret/i) as unknown as string }));
      expect(JSON.stringify(told)).not.toMatch(/example|HTTP|key/);
    },
  );

  it('is what they understand, as it came', () => {
    for (const message of [
      status({ state: 'waiting', reason: 'behind', message: 'It is about 5 s behind.' }),
      status({ state: 'listening' }),
      caption('u'),
    ])
      expect(forPeople(message)).toBe(message);
  });

  it('is the same where it is JSON', () => {
    const refused = status({ reason: 'serviceRefused', message: 'api.example.com refused the API key.' });
    expect(JSON.parse(textForPeople(JSON.stringify(refused)))).toEqual(forPeople(refused));
    const text = JSON.stringify(caption('u'));
    expect(textForPeople(text)).toBe(text);
  });
});
