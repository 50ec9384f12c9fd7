/** `<booth-interpreter-status>`: the interpreter's status as a coloured light, and as text. */
import { css, html, LitElement, nothing } from 'lit';
import type { InterpreterIndicator } from './interpreter-status.ts';

class BoothInterpreterStatus extends LitElement {
  static override properties = { state: { reflect: true }, text: {} };
  declare state: InterpreterIndicator;
  declare text: string;

  constructor() {
    super();
    this.state = 'off';
    this.text = '';
  }

  override render() {
    return html`<i></i>${this.text ? html`<span>${this.text}</span>` : nothing}`;
  }

  static override styles = css`
    :host {
      display: inline-flex;
      align-items: center;
      gap: 0.25rem;
      min-inline-size: 0;
    }

    span {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    i {
      flex: none;
      inline-size: 0.75rem;
      block-size: 0.75rem;
      margin: 0.25rem;
      border: 2px solid var(--ink-quiet);
      border-radius: 50%;
    }

    :host([state='ready']) i,
    :host([state='translating']) i,
    :host([state='speaking']) i {
      border-color: var(--interpreted);
      background: var(--interpreted);
    }

    :host([state='starting']) i,
    :host([state='reconnecting']) i {
      border-color: var(--interpreted);
      border-style: dashed;
    }

    :host([state='failed']) i {
      border-color: var(--alert);
      border-radius: 0.125rem;
      rotate: 45deg;
    }

    :host([state='speaking']) i {
      outline: 2px solid var(--interpreted);
      outline-offset: 2px;
    }

    @media (prefers-reduced-motion: no-preference) {
      :host([state='translating']) i,
      :host([state='starting']) i {
        animation: breathe 2s ease-in-out infinite;
      }
    }

    @keyframes breathe {
      50% {
        opacity: 0.35;
      }
    }

    @media (forced-colors: active) {
      i {
        forced-color-adjust: none;
      }
    }
  `;
}

customElements.define('booth-interpreter-status', BoothInterpreterStatus);
