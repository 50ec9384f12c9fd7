/** Captions and notices as elements of a page: each line one by itself, so that no browser breaks it elsewhere. */
import { html, nothing } from 'lit';
import { directionOf, runs } from './direction.ts';
import type { Notice } from './notices.ts';
import type { Strand, Utterance } from './screen.ts';
import { REFUSED } from './spoken.ts';
import type { ShownLine } from './strand.ts';

export const drawnUtterances = (utterances: readonly Utterance[], showSpeaker: boolean) =>
  utterances.map(
    ({ id, speaker, first, past, strands }) => html`
      <div
        class="row"
        part="row ${past ? 'past' : ''}"
        dir=${directionOf(strands.at(-1)?.language ?? '')}
        data-utterance=${id}
        data-speaker=${speaker.id}
      >
        ${showSpeaker && first ? html`<p class="name" part="name"><bdi>${speaker.name}</bdi></p>` : nothing}
        ${strands.map(drawnStrand)}
      </div>
    `,
  );

function drawnStrand({ language, kind, small, lines, correction, refused }: Strand) {
  const direction = directionOf(language);
  return html`<div
    class="strand ${kind} ${small ? 'small' : 'large'}"
    part="text ${kind}"
    lang=${language}
    dir=${direction}
    >${lines.map((line) => drawnLine(line, direction))}${
      correction
        ? html`<p class="correction" part="correction"
            ><span aria-hidden="true">✓</span><span class="visually-hidden">corrected:</span> <bdi>${correction}</bdi></p
          >`
        : nothing
    }${refused ? html`<p class="refusal" part="refusal" lang="en" dir="ltr">${REFUSED}</p>` : nothing}</div
  >`;
}

const drawnLine = ({ certain, tentative }: ShownLine, direction: 'ltr' | 'rtl') =>
  html`<p class="line" part="line"
    >${isolated(certain, direction)}${
      tentative ? html`<span class="tentative" part="tentative">${isolated(tentative, direction)}</span>` : nothing
    }</p
  >`;

const isolated = (text: string, direction: 'ltr' | 'rtl') =>
  runs(text, direction).map((run) => (run.isolated ? html`<bdi>${run.text}</bdi>` : run.text));

/** Those that a screen reader should say as well are in an element of their own. */
export function drawnNotices(notices: readonly Notice[]) {
  const drawn = ({ kind, text }: Notice) => html`<p class="notice" part="notice ${kind}" data-kind=${kind}>${text}</p>`;
  const urgent = notices.filter(isUrgent);
  return html`
    <div role="status">${urgent.map(drawn)}</div>
    ${notices.filter((notice) => !urgent.includes(notice)).map(drawn)}
  `;
}

const isUrgent = ({ kind }: Notice) => kind === 'lost' || kind === 'ended' || kind === 'trouble';
