/** `<booth-invite>`: how others come in: the link for others, its QR code where a phone can follow it, and the way to revoke both. */
import { css, html, LitElement, nothing, svg } from 'lit';
import { Check, Copy, Link2, Link2Off } from 'lucide';
import type { Invitation } from '../meeting/invitation.ts';
import { isLocal, type QrCode, qrCode } from '../meeting/qr-code.ts';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { localizedReason } from './localized-reason.ts';
import { trouble } from './notice.ts';
import { shared } from './shared.ts';
import { Watching } from './store-controller.ts';

export class BoothInvite extends LitElement {
  static override properties = {
    invitation: { attribute: false },
    brief: { type: Boolean },
    code: { state: true },
    copied: { state: true },
    sure: { state: true },
  };
  declare invitation: Invitation;
  /** Somebody else is here already. */
  declare brief: boolean;
  declare protected code: QrCode | undefined;
  declare protected copied: boolean;
  /** Revoking waits for a second click. */
  declare protected sure: boolean;
  #drawn = '';

  constructor() {
    super();
    this.brief = false;
    this.code = undefined;
    this.copied = false;
    this.sure = false;
    new Watching(this, () => [this.invitation.state]);
  }

  get #link(): string {
    return this.invitation.state.value.link;
  }

  protected override willUpdate(): void {
    if (this.#link === this.#drawn) return;
    this.#drawn = this.#link;
    this.copied = false;
    this.sure = false;
    this.code = undefined;
    if (this.#link && !isLocal(this.#link)) this.#draw(this.#link).catch(() => undefined);
  }

  async #draw(link: string): Promise<void> {
    const code = await qrCode(link);
    if (link === this.#drawn) this.code = code;
  }

  #copy(): void {
    navigator.clipboard?.writeText(this.#link).then(
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

  #revoke(): void {
    if (this.sure) void this.invitation.revoke();
    this.sure = !this.sure;
  }

  override render() {
    const say = pageTexts().invite;
    const { link, offered, problem } = this.invitation.state.value;
    return html`
      ${this.brief ? nothing : html`<h2>${say.first}</h2>`}
      ${link ? this.#shown() : offered ? this.#revoked() : html`<p class="quiet">${say.ask}</p>`}
      ${problem ? trouble(html`<p role="alert">${localizedReason(problem)}</p>`) : nothing}
      ${
        this.brief
          ? nothing
          : html`<p class="quiet small">${say.demoBefore} <bdi><code>npm run demo</code></bdi> ${say.demoAfter}</p>`
      }
    `;
  }

  #shown() {
    const { code } = this;
    const say = pageTexts().invite;
    return html`
      <p>${say.how}</p>
      <div class="link">
        <input type="text" dir="ltr" readonly aria-label=${say.link} .value=${this.#link} />
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
        isLocal(this.#link)
          ? html`<p class="quiet small">${say.localBefore} <bdi><code>--lan</code></bdi>.</p>`
          : nothing
      }
      <button
        type="button"
        class=${this.sure ? 'sure' : ''}
        ?disabled=${this.invitation.state.value.busy}
        @click=${this.#revoke}
      >
        <booth-icon .icon=${Link2Off}></booth-icon> ${this.sure ? say.revokeNow : say.revoke}
      </button>
      ${this.sure ? html`<p class="small" role="status">${say.revokeHow}</p>` : nothing}
    `;
  }

  #revoked() {
    const say = pageTexts().invite;
    const { revoked, busy } = this.invitation.state.value;
    return html`
      ${revoked ? html`<p role="status">${say.revoked}</p>` : nothing}
      <button type="button" ?disabled=${busy} @click=${() => void this.invitation.ask()}>
        <booth-icon .icon=${Link2}></booth-icon> ${say.another}
      </button>
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
      .sure {
        border-color: var(--alert);
        color: var(--alert);
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
