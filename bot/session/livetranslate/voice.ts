/**
 * The speech that comes back, segment by segment: base64 in, samples out. A sample cut in two by a frame's edge is put
 * together again, a WAV header at a segment's beginning is dropped, and a segment ends once, with nothing after it.
 */
import { BoundedMap } from '../../../collections/bounded-map.ts';

interface Segment {
  begun: boolean;
  ended: boolean;
  /** Half a sample, waiting for its other half. */
  odd: Buffer;
}

const MAX_SEGMENTS = 500;
const NOTHING: Buffer = Buffer.alloc(0);

export class VoiceStream {
  readonly #segments = new BoundedMap<string, Segment>(MAX_SEGMENTS);

  /** Undefined: nothing to play. */
  samples(segment: string, base64: string): Int16Array | undefined {
    const state = this.#segments.get(segment) ?? { begun: false, ended: false, odd: NOTHING };
    if (state.ended) return undefined;
    this.#segments.set(segment, state);
    let bytes: Buffer = Buffer.from(base64, 'base64');
    if (!state.begun && bytes.length > 0) {
      bytes = withoutWavHeader(bytes);
      state.begun = true;
    }
    if (state.odd.length > 0) bytes = Buffer.concat([state.odd, bytes]);
    state.odd = bytes.length % 2 === 1 ? Buffer.from(bytes.subarray(-1)) : NOTHING;
    return bytes.length < 2 ? undefined : toSamples(bytes);
  }

  /** True the first time, though nothing of it was heard. */
  end(segment: string): boolean {
    if (this.#segments.get(segment)?.ended) return false;
    this.#segments.set(segment, { begun: true, ended: true, odd: NOTHING });
    return true;
  }
}

/** A copy: base64 decodes into memory that is shared and not aligned. */
function toSamples(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(i * 2);
  return samples;
}

function withoutWavHeader(bytes: Buffer): Buffer {
  if (bytes.subarray(0, 4).toString('latin1') !== 'RIFF') return bytes;
  const data = bytes.subarray(0, 4096).indexOf('data', 12, 'latin1');
  return bytes.subarray(data < 0 ? 44 : data + 8);
}
