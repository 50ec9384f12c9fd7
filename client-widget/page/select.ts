/** A native select with its label, which keyboards, phones and screen readers handle best. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { ChevronDown } from 'lucide';
import './icon.ts';

export interface Option {
  value: string;
  label: string;
}

interface SelectOptions {
  id: string;
  /** The accessible name where no `<label for>` names it. */
  label?: string;
  value: string;
  options: readonly Option[];
  /** More options under a heading of their own. */
  more?: { heading: string; options: readonly Option[] };
  chosen(value: string): void;
}

export function select({ id, label, value, options, more, chosen }: SelectOptions): TemplateResult {
  const one = (option: Option) =>
    html`<option value=${option.value} .selected=${live(option.value === value)}>${option.label}</option>`;
  return html`
    <span class="select">
      <select
        id=${id}
        aria-label=${label ?? nothing}
        @change=${(event: Event) => chosen((event.currentTarget as HTMLSelectElement).value)}
      >
        ${options.map(one)}
        ${
          more && more.options.length > 0
            ? html`<optgroup label=${more.heading}>${more.options.map(one)}</optgroup>`
            : nothing
        }
      </select>
      <booth-icon .icon=${ChevronDown}></booth-icon>
    </span>
  `;
}

/** Lists that a keyboard shortcut has focused, until they lose the focus. */
const opened = new WeakSet<EventTarget>();

/** Whether a list has the focus from a keyboard shortcut and is closed: it takes no letters then, so that the shortcuts go on working. */
export const isClosedAfterShortcut = (list: HTMLSelectElement): boolean => opened.has(list) && !isOpen(list);

function isOpen(list: HTMLSelectElement): boolean {
  try {
    return list.matches(':open');
  } catch {
    // A browser that does not say so lets letters choose in the list.
    return true;
  }
}

/** Opens a list for a keyboard shortcut where the browser allows that, else focuses it. Escape leaves it. */
export function openList(list: HTMLSelectElement | null): void {
  if (!list) return;
  list.focus();
  opened.add(list);
  list.addEventListener('blur', () => opened.delete(list), { once: true });
  try {
    list.showPicker();
  } catch {
    // The focus is there, and the arrow keys work.
  }
}
