/**
 * What a tile shows of a person: their video, or their initials. A track keeps one stream, so that rendering again does not restart its
 * video.
 */
import { html, type TemplateResult } from 'lit';

const streams = new WeakMap<MediaStreamTrack, MediaStream>();

function streamOf(track: MediaStreamTrack): MediaStream {
  const known = streams.get(track);
  if (known) return known;
  const stream = new MediaStream([track]);
  streams.set(track, stream);
  return stream;
}

/** A muted video element; audio plays in elements of its own. */
export const video = (track: MediaStreamTrack, label: string): TemplateResult =>
  html`<video aria-label=${label} .srcObject=${streamOf(track)} .muted=${true} autoplay playsinline></video>`;

/** Splits a name into characters as people count them. */
const segmenter = new Intl.Segmenter();

const firstLetter = (word: string) => [...segmenter.segment(word)][0]?.segment ?? '';

/** `Jane van Dam` → `JD`: the initials that stand for a person whose camera is off. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const first = firstLetter(words[0] ?? name.trim());
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? '') : '';
  return (first + last).toLocaleUpperCase();
}
