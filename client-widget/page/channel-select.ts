/** `<booth-channel-select>`: selects what is heard: the floor or an interpretation channel. */
import { css, html, LitElement, type PropertyValues } from 'lit';
import { ownName } from '../i18n/language-names.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import type { ChannelSource } from '../meeting/channel-source.ts';
import { openList, select } from './select.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

export class BoothChannelSelect extends LitElement {
  static override properties = { source: { attribute: false } };
  declare source: ChannelSource | undefined;

  constructor() {
    super();
    new StoreController(this, () => [this.source?.channels]);
  }

  /** Opens the list where the browser allows that from a key, else focuses it. */
  override focus(): void {
    openList(this.renderRoot.querySelector('select'));
  }

  protected override shouldUpdate(_: PropertyValues): boolean {
    return this.source !== undefined;
  }

  override render() {
    const source = this.source;
    if (!source) return html``;
    const { voices, hears } = source.channels.value;
    return html`
      <label for="hear">${pageTexts().choice.hear}</label>
      ${select({
        id: 'hear',
        value: hears,
        options: [
          { value: 'original', label: pageTexts().choice.original },
          ...voices.map((code) => ({ value: code, label: ownName(code) })),
        ],
        chosen: (value) => source.selectChannel(value),
      })}
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-inline-size: 0;
      }
      .select {
        flex: 1;
      }
      @media (max-width: 40rem) {
        :host {
          flex-direction: column;
          align-items: stretch;
          gap: 0.125rem;
          font-size: 0.9375rem;
        }
        label {
          font-size: 0.8125rem;
        }
      }
      label {
        color: var(--ink-quiet);
      }
    `,
  ];
}

customElements.define('booth-channel-select', BoothChannelSelect);
