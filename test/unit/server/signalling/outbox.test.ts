import type { Preferences } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { Announcement } from '../../../../server/room/announcement.ts';
import { ANNOUNCEMENT_INTERVAL_MS, Outbox } from '../../../../server/signalling/outbox.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const setUp = () => {
  const clock = new FakeClock();
  const frames: string[] = [];
  const outbox = new Outbox(clock, (text) => frames.push(text));
  return { clock, frames, outbox };
};

const left = (participantId: string) => new Announcement('participant.left', { participantId });
const paused = (producerId: string, name: 'producer.paused' | 'producer.resumed' = 'producer.paused') =>
  new Announcement(name, { participantId: 'ana', producerId });
const methods = (frame: string | undefined): string[] =>
  [JSON.parse(frame ?? '[]')].flat().map(({ method, id }) => method ?? `reply ${id}`);

describe('what is sent to a client', () => {
  it('is sent at once when nothing was announced lately, and as one frame at the end of the interval else', () => {
    const { clock, frames, outbox } = setUp();
    for (let n = 0; n < 100; n++) outbox.announce(left(`${n}`));
    expect(frames).toHaveLength(1);
    clock.advance(ANNOUNCEMENT_INTERVAL_MS - 1);
    expect(frames).toHaveLength(1);
    clock.advance(1);
    expect(frames).toHaveLength(2);
    expect(methods(frames[1])).toHaveLength(99);
    clock.advance(10 * ANNOUNCEMENT_INTERVAL_MS);
    expect(frames).toHaveLength(2);
  });

  it('has the latest of the announcements that describe the same, in the order of the latest', () => {
    const { clock, frames, outbox } = setUp();
    outbox.announce(left('first'));
    outbox.announce(paused('microphone'));
    outbox.announce(left('ben'));
    outbox.announce(paused('microphone', 'producer.resumed'));
    outbox.announce(paused('camera'));
    clock.advance(ANNOUNCEMENT_INTERVAL_MS);
    expect(methods(frames[1])).toEqual(['participant.left', 'producer.resumed', 'producer.paused']);
  });

  it('keeps a reply behind the announcements that came before it', () => {
    const { frames, outbox } = setUp();
    outbox.announce(left('first'));
    outbox.announce(left('ana'));
    outbox.send({ id: 7, ok: true, data: {} });
    expect(methods(frames[1])).toEqual(['participant.left', 'reply 7']);
    outbox.send({ id: 8, ok: true, data: {} });
    expect(frames[2]).toBe('{"id":8,"ok":true,"data":{}}');
  });

  it('never waits in more than 256 announcements', () => {
    const { frames, outbox } = setUp();
    for (let n = 0; n <= 256; n++) outbox.announce(left(`${n}`));
    expect(frames).toHaveLength(2);
    expect(methods(frames[1])).toHaveLength(256);
  });

  it('is nothing once it was closed', () => {
    const { clock, frames, outbox } = setUp();
    outbox.announce(left('first'));
    outbox.announce(left('second'));
    outbox.close();
    clock.advance(1000);
    expect(frames).toHaveLength(1);
  });
});

describe('an announcement to a hundred clients', () => {
  it('of which twenty change without end is written as JSON once for each change, and sent to each at most twenty times a second', () => {
    const clock = new FakeClock();
    let written = 0;
    const preferences = { toJSON: () => void written++ } as unknown as Preferences;
    const sent = Array.from({ length: 100 }, () => 0);
    const outboxes = sent.map((_, n) => new Outbox(clock, () => sent.splice(n, 1, (sent[n] ?? 0) + 1)));
    const second = 1000;
    for (let ms = 0; ms < second; ms += 5) {
      for (let changer = 0; changer < 20; changer++) {
        const announcement = new Announcement('participant.updated', { participantId: `${changer}`, preferences });
        for (const outbox of outboxes) outbox.announce(announcement);
      }
      clock.advance(5);
    }
    // 4000 changes were made: each of the 20 intervals tells the latest of every participant.
    expect(written).toBeLessThanOrEqual(20 * (second / ANNOUNCEMENT_INTERVAL_MS + 1));
    for (const count of sent) expect(count).toBeLessThanOrEqual(second / ANNOUNCEMENT_INTERVAL_MS + 1);
  });
});
