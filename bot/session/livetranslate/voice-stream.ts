/**
 * The translation's voice, segment by segment: base64 in, samples out. A sample that a frame boundary cuts in two is put together
 * again, a WAV header at the start of a segment is dropped, and a segment ends once, with no samples after it.
 */
import { BoundedMap } from '../../../collections/bounded-map.ts';

interface VoiceSegment {
  started: boolean;
  ended: boolean;
  /** The first byte of a sample whose second byte has not arrived yet; or empty. */
  partial: Buffer;
}

const MAX_SEGMENTS = 500;
const NOTHING: Buffer = Buffer.alloc(0);
/** A WAV header consists of RIFF (12 bytes), then chunks; the samples follow the id and the size of the chunk `data`. */
const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const USUAL_WAV_HEADER_BYTES = 44;
const MAX_WAV_HEADER_BYTES = 4096;

export class VoiceStream {
  readonly #segments = new BoundedMap<string, VoiceSegment>(MAX_SEGMENTS);

  /** @returns undefined if there is nothing to play */
  push(segment: string, base64: string): Int16Array | undefined {
    const state = this.#segments.get(segment) ?? { started: false, ended: false, partial: NOTHING };
    if (state.ended) return undefined;
    this.#segments.set(segment, state);
    let bytes: Buffer = Buffer.from(base64, 'base64');
    if (!state.started && bytes.length > 0) {
      bytes = withoutWavHeader(bytes);
      state.started = true;
    }
    if (state.partial.length > 0) bytes = Buffer.concat([state.partial, bytes]);
    state.partial = bytes.length % 2 === 1 ? Buffer.from(bytes.subarray(-1)) : NOTHING;
    return bytes.length < 2 ? undefined : toSamples(bytes);
  }

  /** @returns whether the segment had not ended before; also true for one without samples */
  end(segment: string): boolean {
    if (this.#segments.get(segment)?.ended) return false;
    this.#segments.set(segment, { started: true, ended: true, partial: NOTHING });
    return true;
  }
}

/** Makes a copy, because base64 decodes into memory that is shared and not aligned. */
function toSamples(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(i * 2);
  return samples;
}

function withoutWavHeader(bytes: Buffer): Buffer {
  if (bytes.subarray(0, 4).toString('latin1') !== 'RIFF') return bytes;
  const data = bytes.subarray(0, MAX_WAV_HEADER_BYTES).indexOf('data', RIFF_HEADER_BYTES, 'latin1');
  return bytes.subarray(data < 0 ? USUAL_WAV_HEADER_BYTES : data + CHUNK_HEADER_BYTES);
}
