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

const segmenter = new Intl.Segmenter();

const firstLetter = (word: string) => [...segmenter.segment(word)][0]?.segment ?? '';

export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const first = firstLetter(words[0] ?? name.trim());
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? '') : '';
  return (first + last).toLocaleUpperCase();
}
