/** Captions and notices as elements of a page: each line one by itself, so that no browser breaks it elsewhere. */
import { html, nothing } from 'lit';
import { localized, t, widgetTextLanguage } from '../i18n/translate.ts';
import type { ShownLine } from './caption-block.ts';
import { directionOf, runs } from './text-direction.ts';
import type { Notice } from './notices.ts';
import type { Strand, Utterance } from './caption-screen.ts';
import { REFUSED } from './screen-reader.ts';

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

function drawnStrand({ language, kind, small, lines, correction, contentFiltered }: Strand) {
  const direction = directionOf(language);
  return html`<div
    class="strand ${kind} ${small ? 'small' : 'large'}"
    part="text ${kind}"
    lang=${language}
    dir=${direction}
    >${lines.map((line) => drawnLine(line, direction))}${
      correction
        ? html`<p class="correction" part="correction"
            ><span aria-hidden="true">✓</span><span class="visually-hidden" lang=${widgetTextLanguage}>${t('corrected:')}</span> <bdi>${correction}</bdi></p
          >`
        : nothing
    }${contentFiltered ? html`<p class="refusal" part="refusal" lang=${widgetTextLanguage} dir="auto">${t(REFUSED)}</p>` : nothing}</div
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

/** A screen reader says those that last, and not those that come and go with every sentence. */
export const drawnNotices = (notices: readonly Notice[]) => html`
  <div role="status">
    ${notices.map(
      (notice) =>
        html`<p class="notice" part="notice ${notice.kind}" dir="auto" aria-hidden=${['behind', 'skipped'].includes(notice.kind)}>${localized(notice)}</p>`,
    )}
  </div>
`;
