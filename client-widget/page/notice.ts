/** A notice, shown where it matters until its cause is gone or the person dismisses it. */
import { html, nothing, type TemplateResult } from 'lit';
import { CircleAlert, type IconNode, X } from 'lucide';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';

/** Dismisses the notice; undefined: it cannot be dismissed. */
type Dismiss = (() => void) | undefined;

const box = (kind: string, icon: IconNode, content: unknown, dismiss: Dismiss): TemplateResult => html`
  <div class="notice ${kind}">
    <booth-icon .icon=${icon}></booth-icon>
    <div>${content}</div>
    ${
      dismiss
        ? html`<button type="button" class="dismiss" aria-label=${pageTexts().page.putAway} @click=${dismiss}>
            <booth-icon .icon=${X}></booth-icon>
          </button>`
        : nothing
    }
  </div>
`;

export const notice = (icon: IconNode, content: unknown, dismiss?: Dismiss): TemplateResult =>
  box('', icon, content, dismiss);

/** A notice of a problem. */
export const trouble = (content: unknown, dismiss?: Dismiss): TemplateResult =>
  box('alert', CircleAlert, content, dismiss);
