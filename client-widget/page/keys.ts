/** `<booth-keys>`: the keyboard shortcuts of a meeting, and their list, which `?` opens. */
import { css, html, LitElement } from 'lit';
import { pageTexts } from '../i18n/page-texts.ts';
import { isClosedAfterShortcut } from './select.ts';
import { panel, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

export interface Key {
  key: string;
  meaning: string;
  act(): void;
}

class BoothKeys extends LitElement {
  static override properties = { keys: { attribute: false } };
  declare keys: readonly Key[];

  constructor() {
    super();
    this.keys = [];
    new StoreController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#pressed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.#pressed);
  }

  get #all(): Key[] {
    const list = {
      key: '?',
      meaning: pageTexts().keys.list,
      act: () => this.renderRoot.querySelector('dialog')?.showModal(),
    };
    return [...this.keys, list];
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    const [origin] = event.composedPath();
    if (event.key === 'Escape' && origin instanceof HTMLSelectElement) origin.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isForSomethingElse(event)) return;
    const pressed = this.#all.find(({ key }) => key === event.key.toLowerCase());
    if (!pressed) return;
    event.preventDefault();
    pressed.act();
  };

  override render() {
    return html`
      <dialog class="panel" aria-labelledby="title">
        <h2 id="title">${pageTexts().keys.title}</h2>
        <dl>
          ${this.#all.map(({ key, meaning }) => html`<div><dt><kbd>${key}</kbd></dt><dd>${meaning}</dd></div>`)}
        </dl>
        <form method="dialog"><button class="primary">${pageTexts().page.close}</button></form>
      </dialog>
    `;
  }

  static override styles = [
    shared,
    panel,
    css`
      dialog.panel {
        inset: 0;
        margin: auto;
      }

      dialog::backdrop {
        background: oklch(0 0 0 / 0.5);
      }

      h2 {
        font-size: 1.0625rem;
      }

      dl,
      dl div {
        display: grid;
        gap: 0.5rem 1rem;
        margin: 0;
      }

      dl div {
        grid-template-columns: 2rem 1fr;
      }

      dd {
        margin: 0;
      }

      kbd {
        display: inline-block;
        inline-size: 1.75rem;
        border: 1px solid var(--edge);
        border-radius: 0.25rem;
        font: inherit;
        text-align: center;
      }
    `,
  ];
}

/** Whether a key is meant for a text field, a list or a dialog. */
function isForSomethingElse(event: KeyboardEvent): boolean {
  return event.composedPath().some((target) => {
    if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
    if (target instanceof HTMLSelectElement) return !isClosedAfterShortcut(target);
    return target instanceof HTMLDialogElement;
  });
}

customElements.define('booth-keys', BoothKeys);
