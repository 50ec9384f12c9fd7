/** A checkbox with a label and an explanation. */
import { css, html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';

interface CheckboxOptions {
  checked: boolean;
  label: string;
  how: string;
  changed(checked: boolean): void;
}

export const checkbox = ({ checked, label, how, changed }: CheckboxOptions): TemplateResult => html`
  <label class="check">
    <input
      type="checkbox"
      .checked=${live(checked)}
      @change=${(event: Event) => changed((event.currentTarget as HTMLInputElement).checked)}
    />
    <span>${label}<br /><span class="quiet small">${how}</span></span>
  </label>
`;

export const checkboxStyles = css`
  .check {
    display: flex;
    gap: 0.75rem;
    align-items: flex-start;
    cursor: pointer;
  }

  input[type='checkbox'] {
    flex: none;
    inline-size: 1.25rem;
    block-size: 1.25rem;
    margin: 0.1rem 0 0;
    accent-color: var(--ink);
  }
`;
