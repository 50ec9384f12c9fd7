import { describe, expect, it } from 'vitest';
import { CHOICE_MS, MissingParts, SILENT_MS, VOICE_MS } from '../../../client-widget/embedding/missing-parts.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

class Page {
  readonly clock = new FakeClock();
  readonly warnings: string[] = [];
  hears = 'es';
  voices: { muted: boolean; readyState: 'live' | 'ended' }[] = [];
  readonly missing = new MissingParts({
    warnings: { warn: (code, text) => void this.warnings.push(`${code}: ${text}`) },
    hears: () => this.hears,
    voicesIn: () => this.voices,
    after: (ms, run) => this.clock.after(ms, run),
  });
}

describe('the developer of a page is told of', () => {
  it('a choice that nobody answers', () => {
    const { clock, missing, warnings } = new Page();
    missing.asked(new Promise(() => {}));
    clock.advance(CHOICE_MS - 1);
    expect(warnings).toEqual([]);
    clock.advance(1);
    expect(warnings).toEqual([expect.stringMatching(/^choiceUnanswered: .*choose\(\) 10 s ago/)]);
  });

  it('a translation that sounds and has no voice, with what was handed over unmarked', () => {
    const { clock, missing, warnings } = new Page();
    missing.unmarked('pass appData on.');
    missing.announced('es');
    clock.advance(SILENT_MS);
    expect(warnings).toEqual(['noVoice: a translation into "es" sounds, and no voice was added: pass appData on.']);
  });

  it('a translation that sounds where nothing was handed over at all, as by a page that asks for the appData first', () => {
    const { clock, missing, warnings } = new Page();
    missing.announced('es');
    clock.advance(SILENT_MS);
    expect(warnings).toEqual([
      expect.stringMatching(/^noVoice: .*add\(\) was not called.*pass on the producer's appData/),
    ]);
  });

  it('a voice that has not come soon after the interpreter is ready, before anything sounds', () => {
    const { clock, missing, warnings } = new Page();
    missing.ready('es');
    clock.advance(VOICE_MS - 1);
    missing.ready('es');
    expect(warnings).toEqual([]);
    clock.advance(1);
    expect(warnings).toEqual([expect.stringMatching(/^noVoice: the interpreter is ready to speak "es", and no voice/)]);
  });

  it('a voice of which no packet comes', () => {
    const page = new Page();
    page.voices = [{ muted: true, readyState: 'live' }];
    page.missing.announced('es');
    page.clock.advance(SILENT_MS);
    expect(page.warnings).toEqual([expect.stringMatching(/^silentChannel: .*resume the consumer/)]);
  });
});

describe('the developer of a page is told of nothing where', () => {
  it('a choice is answered or refused, or needs no answer', async () => {
    const { clock, missing, warnings } = new Page();
    expect(missing.asked('now')).toBe('now');
    expect(await missing.asked(Promise.resolve('later'))).toBe('later');
    await expect(missing.asked(Promise.reject(new Error('no')))).rejects.toThrow('no');
    clock.advance(CHOICE_MS);
    expect(warnings).toEqual([]);
  });

  it('the voice comes within a moment, or another language is chosen meanwhile', () => {
    const page = new Page();
    page.missing.announced('es');
    page.missing.ready('es');
    page.voices = [{ muted: false, readyState: 'live' }];
    page.clock.advance(VOICE_MS);
    page.voices = [];
    page.missing.announced('es');
    page.hears = 'fr';
    page.clock.advance(SILENT_MS);
    expect(page.warnings).toEqual([]);
  });

  it('packets come after a moment, or the voice has ended', () => {
    const page = new Page();
    const [waiting, ended] = [
      { muted: true, readyState: 'live' as const },
      { muted: true, readyState: 'ended' as const },
    ];
    for (const voice of [waiting, ended]) {
      page.voices = [voice];
      page.missing.announced('es');
    }
    waiting.muted = false;
    page.clock.advance(SILENT_MS);
    expect(page.warnings).toEqual([]);
  });
});
