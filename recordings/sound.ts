/** Decoded sound of any number of channels, on its way from a file to one voice. */

import type { ChannelRoles } from './channel-layout.ts';

/** Consecutive samples from -1 to 1; all channels have the same number of them. */
export interface SoundBlock {
  sampleRate: number;
  channels: readonly Float32Array[];
  /** What is known of surround sound. Default: nothing, and all channels are alike. */
  roles?: ChannelRoles;
}

/** Splits interleaved samples into channels. An incomplete frame at the end is left out. */
export function deinterleave(interleaved: ArrayLike<number>, channelCount: number, scale: number): Float32Array[] {
  const length = Math.floor(interleaved.length / channelCount);
  return Array.from({ length: channelCount }, (_, channel) => {
    const samples = new Float32Array(length);
    for (let i = 0; i < length; i++) samples[i] = (interleaved[i * channelCount + channel] ?? 0) * scale;
    return samples;
  });
}
