/** A video element that shows one track, and keeps showing it however often it is rendered. */
import { html, type TemplateResult } from 'lit';

const streams = new WeakMap<MediaStreamTrack, MediaStream>();

function streamOf(track: MediaStreamTrack): MediaStream {
  const known = streams.get(track);
  if (known) return known;
  const stream = new MediaStream([track]);
  streams.set(track, stream);
  return stream;
}

/** Always muted: voices have elements of their own. */
export const video = (track: MediaStreamTrack, label: string): TemplateResult =>
  html`<video aria-label=${label} .srcObject=${streamOf(track)} .muted=${true} autoplay playsinline></video>`;
