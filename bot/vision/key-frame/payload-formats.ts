/** The payload format of each codec. */
import { av1 } from './av1.ts';
import { h264 } from './h264.ts';
import type { VideoCodec } from './key-frame.ts';
import type { PayloadFormat } from './payload-format.ts';
import { vp8 } from './vp8.ts';
import { vp9 } from './vp9.ts';

export const payloadFormats: Record<VideoCodec, PayloadFormat> = { vp8, vp9, h264, av1 };
