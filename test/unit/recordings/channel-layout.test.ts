/** Which channels of a layout are for dialogue, and which for effects. */
import { describe, expect, it } from 'vitest';
import { rolesOfFlac, rolesOfLayout, rolesOfMask } from '../../../recordings/channel-layout.ts';

const surround = { centre: 2, lowFrequency: 3 };

describe('the roles of channels', () => {
  it.each<[string, number, object]>([
    ['5.1', 0x3f, surround],
    ['5.1 at the sides', 0x60f, surround],
    ['7.1', 0x63f, surround],
    ['2.1', 0xb, { lowFrequency: 2 }],
    ['quad', 0x33, {}],
    ['no layout', 0, {}],
  ])('are in the mask of %s', (_what, mask, roles) => {
    expect(rolesOfMask(mask)).toEqual(roles);
  });

  it.each<[string, object]>([
    ['5.1', surround],
    ['5.1(side)', surround],
    ['7.1(wide)', surround],
    ['5.0', { centre: 2 }],
    ['2.1', { lowFrequency: 2 }],
    ['6.1(front)', { lowFrequency: 2 }],
    ['stereo', {}],
    ['hexagonal', {}],
    ['6 channels', {}],
    ['6 channels (FL+FR+LFE+BL+BR+FC)', { centre: 5, lowFrequency: 2 }],
  ])('are in the name that FFmpeg has for %s', (layout, roles) => {
    expect(rolesOfLayout(layout)).toEqual(roles);
  });

  it('are fixed for FLAC', () => {
    expect([1, 2, 4].map(rolesOfFlac)).toEqual([{ centre: 0 }, {}, {}]);
    expect([6, 7, 8].map(rolesOfFlac)).toEqual([surround, surround, surround]);
  });
});
