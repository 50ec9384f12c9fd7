import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LanguagesOption, offeredLanguages } from '../../../client-widget/embedding/offered-languages.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

const languages = (option: LanguagesOption) =>
  offeredLanguages(option, new FakeClock(), new AbortController().signal, () => undefined);

afterEach(() => vi.unstubAllGlobals());

describe('the languages to choose from', () => {
  it.each<[string, LanguagesOption]>([
    ['codes', ['es', 'fr']],
    ['targets', [{ code: 'es', audio: true }, { code: 'fr' }]],
    ['what languages() returns', { targets: [{ code: 'es' }, { code: 'fr' }] }],
    ['a promise', Promise.resolve(['es', 'fr'])],
  ])('may be given as %s', async (_name, option) => {
    expect(await languages(option)).toEqual({ readable: ['es', 'fr'], audible: ['es', 'fr'], isRough: false });
  });

  it('that have no voice are read alone', async () => {
    const option = { targets: [{ code: 'es' }, { code: 'ar', audio: false }] };
    expect(await languages(option)).toEqual({ readable: ['es', 'ar'], audible: ['es'], isRough: false });
  });

  it('of the offline engine are told to be rough', async () => {
    expect(await languages({ targets: [{ code: 'es' }], engine: { kind: 'offline' } })).toMatchObject({
      isRough: true,
    });
    expect(await languages({ targets: [{ code: 'es' }], engine: { kind: 'cloud' } })).toMatchObject({ isRough: false });
  });

  it.each([[42], [{ languages: ['es'] }], [[42]], [[{ name: 'Spanish' }]], [['']]])('are none: %j', async (option) => {
    await expect(languages(option as unknown as LanguagesOption)).rejects.toThrow(TypeError);
  });

  it('are asked for again until the address answers', async () => {
    const answers = [
      () => Promise.reject(new TypeError('offline')),
      () => Promise.resolve(new Response('busy', { status: 503 })),
      () => Promise.resolve(Response.json({ targets: [{ code: 'es' }] })),
    ];
    vi.stubGlobal('fetch', () => answers.shift()?.());
    const clock = new FakeClock();
    const failures: unknown[] = [];
    const offered = offeredLanguages('/languages', clock, new AbortController().signal, (error) =>
      failures.push(error),
    );
    for (const failed of [1, 2]) {
      await vi.waitFor(() => expect(failures).toHaveLength(failed));
      clock.advance(30_000);
    }
    expect(await offered).toEqual({ readable: ['es'], audible: ['es'], isRough: false });
    expect(failures).toEqual([new TypeError('offline'), new Error('/languages answers with 503')]);
  });

  it('are not asked for again where the address is wrong, or the page has closed the meeting', async () => {
    let asked = 0;
    vi.stubGlobal('fetch', async () => {
      asked++;
      return new Response('', { status: 404 });
    });
    expect((await languages('/nothing')).readable).toEqual([]);
    const closed = AbortSignal.abort();
    expect((await offeredLanguages('/nothing', new FakeClock(), closed, () => undefined)).readable).toEqual([]);
    expect(asked).toBe(1);
  });
});
