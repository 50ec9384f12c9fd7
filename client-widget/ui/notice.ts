/** Something a person should know, where it matters, for as long as it holds. */
import { html, type TemplateResult } from 'lit';
import { CircleAlert, type IconNode } from 'lucide';
import './icon.ts';

const box = (kind: string, icon: IconNode, content: unknown): TemplateResult => html`
  <div class="notice ${kind}"><booth-icon .icon=${icon}></booth-icon><div>${content}</div></div>
`;

export const notice = (icon: IconNode, content: unknown): TemplateResult => box('', icon, content);

/** Something went wrong. */
export const trouble = (content: unknown): TemplateResult => box('alert', CircleAlert, content);
