/** `<booth-invite>`: how others come in: the link for others, and its QR code where a phone can follow it. */
import { css, html, LitElement, nothing, svg } from 'lit';
import { Check, Copy } from 'lucide';
import { isLocal, type QrCode, qrCode } from '../media/qr-code.ts';
import './icon.ts';
import { shared } from './shared.ts';
import { Watching } from './watching.ts';
import { words } from './words.ts';

export class BoothInvite extends LitElement {
  static override properties = { link: {}, brief: { type: Boolean }, code: { state: true }, copied: { state: true } };
  /** Empty: none can be given out from here. */
  declare link: string;
  /** Somebody else is here already. */
  declare brief: boolean;
  declare protected code: QrCode | undefined;
  declare protected copied: boolean;
  #drawn = '';

  constructor() {
    super();
    this.link = '';
    this.brief = false;
    this.code = undefined;
    this.copied = false;
    new Watching(this);
  }

  protected override updated(): void {
    if (this.link === '' || this.link === this.#drawn) return;
    this.#drawn = this.link;
    if (!isLocal(this.link)) this.#draw(this.link).catch(() => undefined);
  }

  async #draw(link: string): Promise<void> {
    this.code = await qrCode(link);
  }

  #copy(): void {
    navigator.clipboard?.writeText(this.link).then(
      () => {
        this.copied = true;
      },
      () => this.#select(),
    );
    if (!navigator.clipboard) this.#select();
  }

  /** Where the clipboard is not ours, the person copies by hand. */
  #select(): void {
    this.renderRoot.querySelector('input')?.select();
  }

  override render() {
    const { code } = this;
    const say = words().invite;
    return html`
      ${this.brief ? nothing : html`<h2>${say.first}</h2>`}
      ${
        this.link
          ? html`
              <p>${say.how}</p>
              <div class="link">
                <input type="text" readonly aria-label=${say.link} .value=${this.link} />
                <button type="button" @click=${this.#copy}>
                  <booth-icon .icon=${this.copied ? Check : Copy}></booth-icon> ${this.copied ? say.copied : say.copy}
                </button>
              </div>
              ${
                code
                  ? html`<svg class="code" role="img" aria-label=${say.code} viewBox="-2 -2 ${code.size + 4} ${code.size + 4}">
                      ${svg`<path d=${code.path} />`}
                    </svg>`
                  : nothing
              }
              ${
                isLocal(this.link)
                  ? html`<p class="quiet small">${say.localBefore} <bdi><code>--lan</code></bdi>.</p>`
                  : nothing
              }
            `
          : html`<p class="quiet">${say.ask}</p>`
      }
      ${
        this.brief
          ? nothing
          : html`<p class="quiet small">${say.demoBefore} <bdi><code>npm run demo</code></bdi> ${say.demoAfter}</p>`
      }
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
        justify-items: start;
        inline-size: 100%;
        max-inline-size: 30rem;
      }
      h2 {
        font-size: 1.25rem;
      }
      .link {
        display: flex;
        gap: 0.5rem;
        inline-size: 100%;
      }
      input {
        min-inline-size: 0;
        text-overflow: ellipsis;
      }
      .code {
        inline-size: 9rem;
        border-radius: var(--radius);
        background: white;
        fill: black;
        shape-rendering: crispEdges;
      }
      code {
        padding: 0.125rem 0.375rem;
        border-radius: 0.25rem;
        background: var(--stage);
        color: var(--ink);
        white-space: nowrap;
      }
    `,
  ];
}

customElements.define('booth-invite', BoothInvite);
