/** `<booth-level>`: how loud the microphone is. */
import { css, html, LitElement } from 'lit';
import { pageTexts } from '../i18n/page-texts.ts';
import type { MicrophoneLevel } from '../media/microphone-level.ts';
import { StoreController } from './store-controller.ts';

const BARS = 12;

export class BoothLevel extends LitElement {
  static override properties = { source: { attribute: false } };
  declare source: MicrophoneLevel | undefined;

  constructor() {
    super();
    new StoreController(this, () => [this.source?.level]);
  }

  override render() {
    const level = this.source?.level.value ?? 0;
    const lit = Math.round(level * BARS);
    return html`
      <div role="meter" aria-label=${pageTexts().device.level} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(level * 100)}>
        ${Array.from({ length: BARS }, (_, i) => html`<i ?data-lit=${i < lit}></i>`)}
      </div>
    `;
  }

  static override styles = css`
    :host {
      display: block;
    }
    div {
      display: flex;
      gap: 0.25rem;
    }
    i {
      flex: 1;
      block-size: 0.75rem;
      border-radius: 0.125rem;
      background: var(--edge);
    }
    i[data-lit] {
      background: var(--ink);
    }
    @media (forced-colors: active) {
      i {
        border: 1px solid CanvasText;
        background: Canvas;
      }
      i[data-lit] {
        background: Highlight;
      }
    }
  `;
}

customElements.define('booth-level', BoothLevel);
