/** `<booth-invite>`: the invite link, its QR code where another device can follow it, and the buttons that revoke it, or everything given so far. */
import { css, html, LitElement, nothing, svg } from 'lit';
import { Check, Copy, Link2, Link2Off, ShieldX } from 'lucide';
import type { InviteLink } from '../meeting/invitation.ts';
import { isLocal, type QrCode, qrCode } from '../meeting/qr-code.ts';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { localizedReason } from './localized-reason.ts';
import { trouble } from './notice.ts';
import { inlineCode, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothInvite extends LitElement {
  static override properties = {
    invitation: { attribute: false },
    brief: { type: Boolean },
    code: { state: true },
    copied: { state: true },
    sure: { state: true },
    sureOfAll: { state: true },
  };
  declare invitation: InviteLink;
  /** Shows only the link, for when somebody else is here already. */
  declare brief: boolean;
  declare protected code: QrCode | undefined;
  declare protected copied: boolean;
  /** The first click has been made; revoking takes a second one. */
  declare protected sure: boolean;
  /** The same for revoking everything. */
  declare protected sureOfAll: boolean;
  #renderedLink = '';

  constructor() {
    super();
    this.brief = false;
    this.code = undefined;
    this.copied = false;
    this.sure = false;
    this.sureOfAll = false;
    new StoreController(this, () => [this.invitation.state]);
  }

  get #link(): string {
    return this.invitation.state.value.link;
  }

  protected override willUpdate(): void {
    if (this.#link === this.#renderedLink) return;
    this.#renderedLink = this.#link;
    this.copied = false;
    this.sure = false;
    this.code = undefined;
    if (this.#link && !isLocal(this.#link)) this.#renderCode(this.#link).catch(() => undefined);
  }

  async #renderCode(link: string): Promise<void> {
    const code = await qrCode(link);
    if (link === this.#renderedLink) this.code = code;
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

  /** Selects the link for copying by hand, where the page may not use the clipboard. */
  #select(): void {
    this.renderRoot.querySelector('input')?.select();
  }

  #revoke(): void {
    if (this.sure) void this.invitation.revoke();
    this.sure = !this.sure;
  }

  #revokeEverything(): void {
    if (this.sureOfAll) void this.invitation.revokeEverything();
    this.sureOfAll = !this.sureOfAll;
  }

  override render() {
    const texts = pageTexts().invite;
    const { link, offered, problem } = this.invitation.state.value;
    return html`
      ${this.brief ? nothing : html`<h2>${texts.first}</h2>`}
      ${link ? this.#shown() : offered ? this.#revoked() : html`<p class="quiet">${texts.ask}</p>`}
      ${offered ? this.#everything() : nothing}
      ${problem ? trouble(html`<p role="alert">${localizedReason(problem)}</p>`) : nothing}
      ${
        this.brief
          ? nothing
          : html`<p class="quiet small">${texts.demoBefore} <bdi><code>npm run demo</code></bdi> ${texts.demoAfter}</p>`
      }
    `;
  }

  #shown() {
    const { code } = this;
    const texts = pageTexts().invite;
    return html`
      <p>${texts.how}</p>
      <div class="link">
        <input type="text" dir="ltr" readonly aria-label=${texts.link} .value=${this.#link} />
        <button type="button" @click=${this.#copy}>
          <booth-icon .icon=${this.copied ? Check : Copy}></booth-icon> ${this.copied ? texts.copied : texts.copy}
        </button>
      </div>
      ${
        code
          ? html`<svg class="code" role="img" aria-label=${texts.code} viewBox="-2 -2 ${code.size + 4} ${code.size + 4}">
              ${svg`<path d=${code.path} />`}
            </svg>`
          : nothing
      }
      ${
        isLocal(this.#link)
          ? html`<p class="quiet small">${texts.localBefore} <bdi><code>--lan</code></bdi>.</p>`
          : nothing
      }
      <button
        type="button"
        class=${this.sure ? 'sure' : ''}
        ?disabled=${this.invitation.state.value.busy}
        @click=${this.#revoke}
      >
        <booth-icon .icon=${Link2Off}></booth-icon> ${this.sure ? texts.revokeNow : texts.revoke}
      </button>
      ${this.sure ? html`<p class="small" role="status">${texts.revokeHow}</p>` : nothing}
    `;
  }

  #everything() {
    const texts = pageTexts().invite;
    return html`
      <button
        type="button"
        class=${this.sureOfAll ? 'sure' : ''}
        ?disabled=${this.invitation.state.value.busy}
        @click=${this.#revokeEverything}
      >
        <booth-icon .icon=${ShieldX}></booth-icon> ${this.sureOfAll ? texts.revokeAllNow : texts.revokeAll}
      </button>
      ${this.sureOfAll ? html`<p class="small" role="status">${texts.revokeAllHow}</p>` : nothing}
    `;
  }

  #revoked() {
    const texts = pageTexts().invite;
    const { revoked, busy } = this.invitation.state.value;
    return html`
      ${revoked ? html`<p role="status">${texts.revoked}</p>` : nothing}
      <button type="button" ?disabled=${busy} @click=${() => void this.invitation.create()}>
        <booth-icon .icon=${Link2}></booth-icon> ${texts.another}
      </button>
    `;
  }

  static override styles = [
    shared,
    inlineCode,
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
    `,
  ];
}

customElements.define('booth-invite', BoothInvite);
