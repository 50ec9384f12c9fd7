/** `<booth-invite>`: what someone who is alone in a room needs: the link for others, and its QR code where a phone can follow it. */
import { css, html, LitElement, nothing, svg } from 'lit';
import { Check, Copy } from 'lucide';
import { isLocal, type QrCode, qrCode } from '../media/qr-code.ts';
import './icon.ts';
import { shared } from './shared.ts';

export class BoothInvite extends LitElement {
  static override properties = { link: {}, code: { state: true }, copied: { state: true } };
  /** Empty: none can be given out from here. */
  declare link: string;
  declare protected code: QrCode | undefined;
  declare protected copied: boolean;
  #drawn = '';

  constructor() {
    super();
    this.link = '';
    this.code = undefined;
    this.copied = false;
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
    return html`
      <h2>You are the first one here.</h2>
      ${
        this.link
          ? html`
              <p>Others come in with this link:</p>
              <div class="link">
                <input type="text" readonly aria-label="Link to this room" .value=${this.link} />
                <button type="button" @click=${this.#copy}>
                  <booth-icon .icon=${this.copied ? Check : Copy}></booth-icon> ${this.copied ? 'Copied' : 'Copy'}
                </button>
              </div>
              ${
                code
                  ? html`<svg class="code" role="img" aria-label="The same link as a QR code" viewBox="-2 -2 ${code.size + 4} ${code.size + 4}">
                      ${svg`<path d=${code.path} />`}
                    </svg>`
                  : nothing
              }
              ${
                isLocal(this.link)
                  ? html`<p class="quiet small">It works on this computer. For others in your network, start Booth with <code>--lan</code>.</p>`
                  : nothing
              }
            `
          : html`<p class="quiet">Ask whoever runs this meeting to invite others.</p>`
      }
      <p class="quiet small">Or hear an interpreter at work: <code>npm run demo</code> prints the link of a room with a recorded voice.</p>
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
