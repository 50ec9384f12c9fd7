/** `<booth-captions>` can be read over any video. */
import { describe, expect, it } from 'vitest';
import { embed, live, Meeting, reads } from '../support/captions-meeting.ts';
import { contrastsIn } from '../support/captions-page.ts';
import { servePages } from '../support/served-pages.ts';

const here = servePages();

/** Over white and over black, as the worst of videos: text against what is seen through its own ground. */
describe.each(['dark', 'light'] as const)('in the %s scheme', (colorScheme) => {
  it('every colour of text has a contrast of 4.5 on any video', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(here, meeting.tag('language="es" both show-speaker'), { context: { colorScheme } });
    await live(page);
    meeting.says('We', { kind: 'original', language: 'en', tentative: ' need' });
    meeting.says('Lo', { utterance: 'b', sourceUtterance: 'a', tentative: ' necesitamos' });
    await reads(page).toEqual(['We need', 'Lo necesitamos']);
    const contrasts = await page.evaluate(contrastsIn);
    expect(contrasts.length).toBeGreaterThanOrEqual(8);
    for (const { contrast, text } of contrasts) expect(contrast, text).toBeGreaterThanOrEqual(4.5);
  });
});
