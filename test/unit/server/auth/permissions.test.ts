import { describe, expect, it } from 'vitest';
import {
  dataRole,
  requireHost,
  requireMutable,
  requireReceive,
  requireRemovable,
  sees,
  trackRole,
  withholds,
} from '../../../../server/auth/permissions.ts';

const person = { id: 'ana', kind: 'person', hidden: false, grants: ['publish', 'subscribe'] } as const;
const interpreter = { id: 'booth-1', kind: 'interpreter', hidden: false, grants: ['interpret', 'subscribe'] } as const;
const channel = { role: 'channel', language: 'es' } as const;
const captions = { role: 'captions', language: 'es' } as const;
const forbidden = (message: RegExp) =>
  expect.objectContaining({ code: 'forbidden', message: expect.stringMatching(message) });

describe('publishing a track', () => {
  it.each([
    ['audio', 'microphone'],
    ['video', 'camera'],
    ['video', 'screen'],
    ['audio', 'screenAudio'],
  ] as const)('gives a person no role for %s of a %s, whatever they claim', (kind, source) => {
    expect(trackRole(person, { kind, source, booth: channel })).toBeUndefined();
  });

  it("stamps an interpreter's channel with its own id, whatever it claims", () => {
    const claimed = { ...channel, speaker: 'ben', interpreter: 'somebody-else' };
    expect(trackRole(interpreter, { kind: 'audio', source: 'channel', booth: claimed })).toEqual({
      role: 'channel',
      language: 'es',
      speaker: 'ben',
      interpreter: 'booth-1',
    });
  });

  it.each([
    ['a person without "publish"', { ...person, grants: ['subscribe'] }, { source: 'microphone' }, /"publish"/],
    ['a person as a channel', person, { source: 'channel', booth: channel }, /"interpret"/],
    ['an interpreter with a microphone', interpreter, { source: 'microphone' }, /channels alone/],
    ['an interpreter without a role', interpreter, { source: 'channel' }, /channels alone/],
    ['an interpreter with captions as sound', interpreter, { source: 'channel', booth: captions }, /channels alone/],
    ['a hidden participant', { ...person, hidden: true }, { source: 'microphone' }, /hidden/],
    ['a hidden interpreter', { ...interpreter, hidden: true }, { source: 'channel', booth: channel }, /hidden/],
  ] as const)('is forbidden to %s', (_who, holder, track, message) => {
    expect(() => trackRole(holder, { kind: 'audio', ...track })).toThrowError(forbidden(message));
  });

  it('refuses a camera that is a sound', () => {
    expect(() => trackRole(person, { kind: 'audio', source: 'camera' })).toThrowError(/"camera" is video/);
  });
});

describe('publishing data', () => {
  it("stamps an interpreter's captions", () => {
    expect(dataRole(interpreter, { label: 'captions', booth: captions })).toEqual({
      ...captions,
      interpreter: 'booth-1',
    });
  });

  it.each([
    ['a person', person, { label: 'captions', booth: captions }, /"interpret"/],
    ['an interpreter without a role', interpreter, { label: 'captions' }, /captions/],
    ['an interpreter by another label', interpreter, { label: 'chat', booth: captions }, /captions/],
    ['an interpreter with a channel as data', interpreter, { label: 'captions', booth: channel }, /captions/],
    ['a hidden interpreter', { ...interpreter, hidden: true }, { label: 'captions', booth: captions }, /hidden/],
  ] as const)('is forbidden to %s', (_who, holder, data, message) => {
    expect(() => dataRole(holder, data)).toThrowError(forbidden(message));
  });
});

describe('receiving', () => {
  it('needs the grant of what is received, or "subscribe", which stands for all of them', () => {
    const grants = ['captions', 'channels', 'originals', 'cameras'] as const;
    for (const grant of grants) {
      expect(() => requireReceive({ grants: ['subscribe'] }, grant)).not.toThrow();
      for (const other of grants) {
        const receive = () => requireReceive({ grants: ['publish', 'host', other] }, grant);
        if (other === grant) expect(receive).not.toThrow();
        else expect(receive).toThrowError(forbidden(new RegExp(`"${grant}"`)));
      }
    }
  });

  it('is refused to interpreters alone by who does not want to be interpreted', () => {
    expect(withholds({ interpret: false, pictures: true }, 'audio', interpreter)).toBe(true);
    expect(withholds({ interpret: false, pictures: false }, 'video', person)).toBe(false);
    expect(withholds({ interpret: true, pictures: true }, 'video', interpreter)).toBe(false);
    expect(withholds({ interpret: true, pictures: false }, 'video', interpreter)).toBe(true);
    expect(withholds({ interpret: true, pictures: false }, 'audio', interpreter)).toBe(false);
  });

  it('shows hidden participants to interpreters and hosts alone, and caption readers to interpreters alone', () => {
    const host = { ...person, grants: ['host'] } as const;
    expect([interpreter, host, person].map((viewer) => sees(viewer, { hidden: true }))).toEqual([true, true, false]);
    const reader = { hidden: true, reader: true };
    expect([interpreter, host, person].map((viewer) => sees(viewer, reader))).toEqual([true, false, false]);
    expect(sees(person, { hidden: false })).toBe(true);
  });
});

describe('what a host may do with others', () => {
  it('needs the grant "host"', () => {
    expect(() => requireHost(person)).toThrowError(forbidden(/"host"/));
    expect(() => requireHost({ ...person, grants: ['host'] })).not.toThrow();
  });

  it('is to mute what people say, and not what they show', () => {
    expect(() => requireMutable(person, 'audio')).not.toThrow();
    expect(() => requireMutable(person, 'video')).toThrowError(expect.objectContaining({ code: 'invalid' }));
  });

  it('is to remove others, and not themselves', () => {
    expect(() => requireRemovable({ id: 'ben' }, person)).not.toThrow();
    expect(() => requireRemovable(person, person)).toThrowError(expect.objectContaining({ code: 'invalid' }));
  });

  it('is nothing with interpreters, which are sent away by another call', () => {
    expect(() => requireMutable(interpreter, 'audio')).toThrowError(forbidden(/DELETE/));
    expect(() => requireRemovable({ id: 'ben' }, interpreter)).toThrowError(forbidden(/DELETE/));
  });
});
