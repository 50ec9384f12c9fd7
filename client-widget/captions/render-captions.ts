/** Renders captions and notices, each line in an element of its own so that no browser breaks it elsewhere, and measures text. */
import { html, nothing } from 'lit';
import { localized, t, widgetTextLanguage } from '../i18n/translate.ts';
import type { DisplayLine } from './caption-block.ts';
import type { CaptionBlock, DisplayedUtterance } from './caption-screen.ts';
import type { Notice } from './notices.ts';
import { CONTENT_FILTERED_TEXT } from './screen-reader.ts';
import { directionOf, runs } from './text-direction.ts';

export const renderUtterances = (utterances: readonly DisplayedUtterance[], showSpeaker: boolean) =>
  utterances.map(
    ({ id, speaker, first, past, blocks }) => html`
      <div
        class="row"
        part="row ${past ? 'past' : ''}"
        dir=${directionOf(blocks.at(-1)?.language ?? '')}
        data-utterance=${id}
        data-speaker=${speaker.id}
      >
        ${showSpeaker && first ? html`<p class="name" part="name"><bdi>${speaker.name}</bdi></p>` : nothing}
        ${blocks.map(renderBlock)}
      </div>
    `,
  );

function renderBlock({ language, kind, small, lines, correction, contentFiltered }: CaptionBlock) {
  const direction = directionOf(language);
  return html`<div
    class="block ${kind} ${small ? 'small' : 'large'}"
    part="text ${kind}"
    lang=${language}
    dir=${direction}
    >${lines.map((line) => renderLine(line, direction))}${
      correction
        ? html`<p class="correction" part="correction"
            ><span aria-hidden="true">✓</span><span class="visually-hidden" lang=${widgetTextLanguage}>${t('corrected:')}</span> <bdi>${correction}</bdi></p
          >`
        : nothing
    }${contentFiltered ? html`<p class="refusal" part="refusal" lang=${widgetTextLanguage} dir="auto">${t(CONTENT_FILTERED_TEXT)}</p>` : nothing}</div
  >`;
}

const renderLine = ({ certain, tentative }: DisplayLine, direction: 'ltr' | 'rtl') =>
  html`<p class="line" part="line"
    >${isolated(certain, direction)}${
      tentative ? html`<span class="tentative" part="tentative">${isolated(tentative, direction)}</span>` : nothing
    }</p
  >`;

const isolated = (text: string, direction: 'ltr' | 'rtl') =>
  runs(text, direction).map((run) => (run.isolated ? html`<bdi>${run.text}</bdi>` : run.text));

/** Screen readers skip the notices that come and go with every sentence. */
export const renderNotices = (notices: readonly Notice[]) => html`
  <div role="status">
    ${notices.map(
      (notice) =>
        html`<p class="notice" part="notice ${notice.kind}" dir="auto" aria-hidden=${['behind', 'skipped'].includes(notice.kind)}>${localized(notice)}</p>`,
    )}
  </div>
`;

type Measure = (text: string) => number;

/** Text can be slightly wider in a line than on the canvas that measures it. */
const SLACK = 1.02;

export function textMeasureOf(element: Element): Measure {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return () => 0;
  context.font = getComputedStyle(element).font;
  return (text) => context.measureText(text).width * SLACK;
}
