/** Which channels of surround sound are unlike the others: from masks and names of layouts. No I/O. */

/** By their index from 0. Undefined: there is no such channel, or nothing says which. */
export interface ChannelRoles {
  /** Where dialogue is. */
  centre?: number;
  /** Low-frequency effects, which carry no voice. */
  lowFrequency?: number;
}

const FRONT_SIDES = 0x3;
const CENTRE = 0x4;
const LOW_FREQUENCY = 0x8;

const bitsIn = (mask: number): number => mask.toString(2).replaceAll('0', '').length;

/** Of a channel mask as WAVE_FORMAT_EXTENSIBLE has it: the channels are in the order of its bits. 0 tells nothing. */
export function rolesOfMask(mask: number): ChannelRoles {
  return {
    ...((mask & CENTRE) !== 0 && { centre: bitsIn(mask & FRONT_SIDES) }),
    ...((mask & LOW_FREQUENCY) !== 0 && { lowFrequency: bitsIn(mask & (FRONT_SIDES | CENTRE)) }),
  };
}

/** The masks of FLAC's channels, by their number (RFC 9639, section 9.1.3). */
const flacMasks = [0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f];

/** Of FLAC without a mask of its own. */
export const rolesOfFlac = (channels: number): ChannelRoles => rolesOfMask(flacMasks[channels] ?? 0);

/** Layouts in figures that have no centre. */
const WITHOUT_CENTRE = new Set(['2.1', '6.0(front)', '6.1(front)']);

/**
 * Of a layout as FFmpeg names it, such as `5.1(side)` or `6 channels (FL+FR+…)`. FFmpeg brings the channels of every format into the order
 * of the masks. What is named by its shape, such as `hexagonal`, has equal channels.
 */
export function rolesOfLayout(layout: string): ChannelRoles {
  const names = /^\d+ channels \((.*)\)$/.exec(layout)?.[1]?.split('+');
  if (names) return rolesAt(names.indexOf('FC'), names.indexOf('LFE'));
  const [, around, low] = /^(\d+)\.(\d+)/.exec(layout) ?? [];
  if (around === undefined) return {};
  const centre = WITHOUT_CENTRE.has(layout) ? -1 : 2;
  return rolesAt(centre, Number(low) > 0 ? (centre < 0 ? 2 : 3) : -1);
}

const rolesAt = (centre: number, lowFrequency: number): ChannelRoles => ({
  ...(centre >= 0 && { centre }),
  ...(lowFrequency >= 0 && { lowFrequency }),
});
