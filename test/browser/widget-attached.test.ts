/** `<booth-captions>` on a page that has the channel already. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundled } from '../support/bundle.ts';
import { type Captions, embed, lines, live, Meeting, reads } from '../support/captions-meeting.ts';
import { NONCE } from '../support/foreign-page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';

const here = servePages();

describe('attached to a channel that the page has', () => {
  it('show what comes on its own mediasoup-client consumer', async () => {
    const meeting = await Meeting.begin(here);
    const script = await bundled(fileURLToPath(new URL('../support/own-mediasoup.ts', import.meta.url)));
    const { page, complaints } = await embed(
      here,
      `<booth-captions></booth-captions><script type="module" nonce="${NONCE}" src="/own.js"></script>`,
      { script, query: { server: here.server.url, token: meeting.token, language: 'es' } },
    );
    await live(page);
    await expect
      .poll(() => {
        meeting.says('Del canal propio.');
        return lines(page);
      }, PATIENCE)
      .toEqual(['Del canal propio.']);
    expect(complaints).toEqual([]);
  });

  it('show what comes on anything else that has messages, and stop when it is detached', async () => {
    const { page } = await embed(here, '<booth-captions language="es"></booth-captions>');
    const caption = (utterance: string, stable: string) =>
      JSON.stringify({
        ...{ v: 1, type: 'caption', seq: 1, language: 'es', speaker: { id: 'j', name: 'Jane' }, utterance },
        ...{ kind: 'translation', stable, final: true, start: 0 },
      });
    await page.evaluate(
      async ([first = '', second = '', third = '']) => {
        await customElements.whenDefined('booth-captions');
        const captions = document.querySelector('booth-captions') as unknown as Captions;
        const target = new EventTarget();
        const handled: { onmessage: ((event: unknown) => void) | null } = { onmessage: null };
        captions.attach(target);
        captions.attach(handled);
        target.dispatchEvent(new MessageEvent('message', { data: new TextEncoder().encode(first) }));
        handled.onmessage?.({ data: second });
        captions.detach(target);
        target.dispatchEvent(new MessageEvent('message', { data: third }));
      },
      [caption('a', 'Uno.'), caption('b', 'Dos.'), caption('c', 'Tres.')],
    );
    await reads(page).toEqual(['Uno.', 'Dos.']);
  });
});
