import { describe, expect, it } from 'vitest';
import { publishedRole } from '../../../client-widget/embedding/published-role.ts';

const track = {};
const es = { role: 'channel', language: 'es' } as const;

describe('what a page received', () => {
  it.each([
    ['a voice by its appData', { kind: 'audio', track, appData: { booth: es } }, undefined, 'channel'],
    ['a voice by what the page says', { kind: 'audio', track, appData: {} }, es, 'channel'],
    [
      'captions by their appData',
      { label: '', appData: { booth: { role: 'captions', language: 'es' } } },
      undefined,
      'captions',
    ],
    ['captions by what the page says', { label: 'x' }, { role: 'captions' } as const, 'captions'],
    ['captions by their label', { label: 'captions' }, undefined, 'captions'],
  ])('is %s', (_name, received, claimed, is) => {
    expect(publishedRole(received, claimed).is).toBe(is);
  });

  it('is the voice of one speaker where its appData names them', () => {
    const received = { kind: 'audio', track, appData: { booth: { ...es, speaker: 'jane' } } };
    expect(publishedRole(received)).toEqual({ is: 'channel', language: 'es', speaker: 'jane' });
  });

  it.each([
    ['is closed', { track, closed: true, appData: { booth: es } }, undefined, 'closedConsumer', 'closed already'],
    [
      'is a closed data channel',
      { label: 'captions', readyState: 'closed' },
      undefined,
      'closedConsumer',
      'closed already',
    ],
    ['is a picture', { kind: 'video', track, appData: { booth: es } }, undefined, 'wrongKind', 'no camera'],
    ['is a voice without a language', { kind: 'audio', track }, { role: 'channel' } as const, 'noRole', 'no language'],
    ['is data that is said to be a voice', { label: 'captions' }, es, 'wrongKind', "role: 'captions'"],
    [
      'has appData that is none',
      { kind: 'audio', track, appData: { booth: 'channel' } },
      undefined,
      'noRole',
      'appData',
    ],
  ])('that %s is told to the developer with the remedy', (_name, received, claimed, code, remedy) => {
    const published = publishedRole(received, claimed);
    expect(published).toMatchObject({ is: 'unknown', code });
    expect(published.is === 'unknown' && published.message).toContain(remedy);
  });

  it.each([
    ['a voice', { kind: 'audio', track, appData: {} }, "add(consumer, { role: 'channel'"],
    ['data', { label: 'chat' }, "add(dataConsumer, { role: 'captions' })"],
  ])('of %s that nobody marked is none, and nothing is wrong with it', (_name, received, remedy) => {
    expect(publishedRole(received)).toEqual({ is: 'unmarked', message: expect.stringContaining(remedy) });
  });
});
