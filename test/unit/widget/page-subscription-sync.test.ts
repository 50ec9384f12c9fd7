import { describe, expect, it } from 'vitest';
import { Following } from '../../../client-widget/media/subscription-sync.ts';

/** Opens when the test says so. */
function setUp() {
  const opening: { key: string; open(): void; fail(): void }[] = [];
  const closed: string[] = [];
  const gaveUp: unknown[] = [];
  const following = new Following<string>({
    open: (key) =>
      new Promise((resolve, reject) =>
        opening.push({ key, open: () => resolve(key), fail: () => reject(new Error(key)) }),
      ),
    close: (thing) => closed.push(thing),
    changed: () => {},
    gaveUp: (error) => gaveUp.push(error),
    betweenMs: 0,
  });
  return { following, opening, closed, gaveUp };
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('what is followed', () => {
  it('is opened once, and closed when it is no longer wanted', async () => {
    const { following, opening, closed } = setUp();
    following.follow(['a', 'b']);
    following.follow(['a', 'b']);
    expect(opening.map(({ key }) => key)).toEqual(['a', 'b']);
    for (const { open } of opening) open();
    await soon();
    following.follow(['b']);
    expect([...following.open.keys()]).toEqual(['b']);
    expect(closed).toEqual(['a']);
  });

  it('is closed on arrival where it became unwanted meanwhile', async () => {
    const { following, opening, closed } = setUp();
    following.follow(['a']);
    following.follow([]);
    opening[0]?.open();
    await soon();
    expect(following.open.size).toBe(0);
    expect(closed).toEqual(['a']);
  });

  it('stays where it became unwanted and wanted again meanwhile', async () => {
    const { following, opening, closed } = setUp();
    following.follow(['a']);
    following.follow([]);
    following.follow(['a']);
    opening[0]?.open();
    await soon();
    expect([...following.open.keys()]).toEqual(['a']);
    expect([opening.length, closed]).toEqual([1, []]);
  });

  it('is tried three times, then given up once', async () => {
    const { following, opening, gaveUp } = setUp();
    following.follow(['a']);
    for (let attempt = 0; attempt < 3; attempt++) {
      opening[attempt]?.fail();
      await soon();
    }
    expect([opening.length, gaveUp.length]).toEqual([3, 1]);
  });

  it('is not tried again once it is unwanted', async () => {
    const { following, opening, gaveUp } = setUp();
    following.follow(['a']);
    following.follow([]);
    opening[0]?.fail();
    await soon();
    expect([opening.length, gaveUp.length]).toEqual([1, 0]);
  });
});
