import type { CaptionMessage, ReadLanguages } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { parseCaptionsAddress } from '../../../client-widget/caption-pages/captions-page.ts';
import { announcementOf } from '../../../client-widget/captions/screen-reader.ts';
import {
  clampedSize,
  loadViewerSettings,
  saveViewerSettings,
} from '../../../client-widget/captions/viewer-settings.ts';

function storage(text: string | null = null) {
  let stored = text;
  return () => ({
    getItem: () => stored,
    setItem: (_key: string, value: string) => {
      stored = value;
    },
  });
}
const refusing = () => {
  throw new DOMException('no', 'SecurityError');
};

describe('stored viewer settings', () => {
  it('are stored', () => {
    const kept = storage();
    saveViewerSettings({ size: 150, place: 'top' }, kept);
    expect(loadViewerSettings(kept)).toEqual({ size: 150, place: 'top' });
  });

  it.each(['', 'null', '[]', '{"size":"huge","place":"left"}', '{"size":900}'])(
    'is sound where %j is stored',
    (text) => {
      const { size = 100, place = 'top' } = loadViewerSettings(storage(text));
      expect(clampedSize(size)).toBe(size);
      expect(['top', 'bottom']).toContain(place);
    },
  );

  it('are empty where a page may not store', () => {
    expect(loadViewerSettings(refusing)).toEqual({});
    expect(() => saveViewerSettings({ size: 125 }, refusing)).not.toThrow();
  });
});

describe('the address of a captions page', () => {
  it('names the room, the attributes and the token', () => {
    expect(parseCaptionsAddress('/overlay/demo', '?language=es&lines=3&onclick=x', '#eyJ.x.y')).toEqual({
      room: 'demo',
      token: 'eyJ.x.y',
      invite: undefined,
      attributes: new Map([
        ['language', 'es'],
        ['lines', '3'],
      ]),
    });
  });

  it('may have an invite, or neither invite nor token', () => {
    expect(parseCaptionsAddress('/listen/demo', '', '#invite=abc')).toMatchObject({ invite: 'abc', token: undefined });
    expect(parseCaptionsAddress('/listen/demo', '', '')).toMatchObject({ invite: undefined, token: undefined });
    expect(parseCaptionsAddress('/listen/..%2fx', '', '').room).toBeUndefined();
  });
});

describe('the announcement of a caption', () => {
  const caption: CaptionMessage = {
    v: 1,
    type: 'caption',
    seq: 1,
    language: 'es',
    speaker: { id: 'j', name: 'Jane' },
    utterance: 'a',
    kind: 'translation',
    stable: 'Lo veo',
    final: true,
    start: 0,
  };

  const said = (of: CaptionMessage, reads: ReadLanguages) => announcementOf(of, reads, 'sin traducir');

  it('is the final text in the language that is read, corrected', () => {
    expect(said(caption, ['original', 'es'])).toBe('Jane: Lo veo');
    expect(said({ ...caption, corrected: 'La veo' }, ['es'])).toBe('Jane: La veo');
    expect(said({ ...caption, stable: '', contentFiltered: true }, ['es'])).toBe('Jane: (sin traducir)');
  });

  it('is missing for text that may still change, for none, and for other languages', () => {
    expect(said({ ...caption, final: false }, ['es'])).toBeUndefined();
    expect(said({ ...caption, stable: ' ' }, ['es'])).toBeUndefined();
    expect(said(caption, ['fr'])).toBeUndefined();
    expect(said(caption, ['original'])).toBeUndefined();
  });
});
