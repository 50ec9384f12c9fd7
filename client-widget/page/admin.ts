/** `<booth-admin>`: how the server is doing, for whoever runs it: rooms, interpreters, costs, webhooks, and what the log told of problems. */
import type { Overview, RoomOverview, WebhookEndpointView } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { CircleX, type IconNode, RotateCcw } from 'lucide';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import type { ErrorReason } from '../media/error-reason.ts';
import { ActionEvent } from '../meeting/action.ts';
import type { OperatorOverview } from '../meeting/operator-overview.ts';
import { localizedReason } from './localized-reason.ts';
import { trouble } from './notice.ts';
import { formatDuration, formatMoney, formatNumber, formatTime } from './number-format.ts';
import { pageLanguage, switchLocale } from './page-language.ts';
import { inlineCode, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

interface Amounts {
  tokens: number;
  money?: number | undefined;
}

interface AskingButton {
  /** Tells it from the others. */
  key: string;
  icon: IconNode;
  /** What it shows, and what it is called, at first. */
  asks: readonly [text: string, label: string];
  /** The same when it has been pressed once. */
  isSure: readonly [text: string, label: string];
  act(): Promise<void>;
}

export class BoothAdmin extends LitElement {
  static override properties = { operator: { attribute: false }, asking: { state: true } };
  declare operator: OperatorOverview;
  /** Which button acts when it is pressed once more. */
  declare asking: string | undefined;

  constructor() {
    super();
    new StoreController(this, () => [this.operator.state]);
    this.addEventListener(ActionEvent.type, (event) => {
      if (event instanceof ActionEvent && event.action.is === 'locale') void switchLocale(event.action.code);
    });
  }

  override render() {
    const { overview, problem, refused } = this.operator.state.value;
    document.title = `${pageTexts().admin.title} · Booth`;
    return html`
      <main>
        <header>
          <h1>${pageTexts().admin.title}</h1>
          ${overview ? this.#server(overview) : nothing}
        </header>
        ${problem ? trouble(html`<p role="alert">${reasonText(problem)}</p>`) : nothing}
        ${refused ? trouble(html`<p role="alert">${localizedReason(refused)}</p>`) : nothing}
        ${overview ? this.#overview(overview) : nothing}
        <footer>${pageLanguage(this)}</footer>
      </main>
    `;
  }

  #server({ version, started, engine, readiness }: Overview): TemplateResult {
    const { admin } = pageTexts();
    const running = formatDuration(Date.now() - Date.parse(started));
    return html`
      <p class="quiet"><bdi>Booth ${version}</bdi> · <bdi>${engine.label}</bdi> · ${admin.running} ${running}</p>
      ${
        readiness.reasons.length > 0
          ? trouble(html`<p role="status"><bdi lang="en">${readiness.reasons.join('; ')}</bdi></p>`)
          : nothing
      }
    `;
  }

  #overview(overview: Overview): TemplateResult {
    const { rooms, webhooks, problems } = overview;
    const { admin } = pageTexts();
    return html`
      ${this.#figures(overview)}
      <section aria-labelledby="rooms">
        <h2 id="rooms">${admin.rooms}</h2>
        ${
          rooms.length === 0
            ? html`<p class="quiet">${admin.noRooms}</p>`
            : html`<ul>${repeat(rooms, byName, (room) => this.#room(room, overview))}</ul>`
        }
      </section>
      ${
        webhooks.length === 0
          ? nothing
          : html`
              <section aria-labelledby="webhooks">
                <h2 id="webhooks">${admin.webhooks}</h2>
                <ul>${webhooks.map((endpoint) => this.#webhook(endpoint))}</ul>
              </section>
            `
      }
      <section aria-labelledby="problems">
        <h2 id="problems">${admin.problems}</h2>
        ${
          problems.length === 0
            ? html`<p class="quiet">${admin.noProblems}</p>`
            : html`
                <ul>
                  ${problems.map(
                    ({ at, level, message, detail, room }) => html`
                      <li class="problem ${level}">
                        <span class="quiet">${formatTime(Date.parse(at) / 1000)}</span>
                        <span><strong>${admin.levels[level]}</strong> ${room ? html`<bdi>${room}</bdi>: ` : nothing}<bdi lang="en">${message}${detail ? `: ${detail}` : ''}</bdi></span>
                      </li>
                    `,
                  )}
                </ul>
              `
        }
      </section>
    `;
  }

  #figures(overview: Overview): TemplateResult {
    const { rooms, usage, budget } = overview;
    const { admin } = pageTexts();
    const people = rooms.reduce((sum, room) => sum + room.people, 0);
    const figure = (label: string, value: unknown, isAlert = false) =>
      html`<div class=${isAlert ? 'alert' : ''}><dt>${label}</dt><dd><bdi>${value}</bdi></dd></div>`;
    return html`
      <dl class="figures">
        ${figure(admin.rooms, formatNumber(rooms.length))} ${figure(admin.people, formatNumber(people))}
        ${figure(admin.today, amountText(usage.total, overview))}
        ${figure(admin.budget, budgetText(overview), budget.level !== 'within')}
      </dl>
    `;
  }

  #room({ name, people, readers, clock, interpretation, interpreter, used }: RoomOverview, overview: Overview) {
    const { admin } = pageTexts();
    const { state, message } = interpretation;
    return html`
      <li class="room">
        <h3><bdi>${name}</bdi></h3>
        <dl>
          ${fact(admin.people, formatNumber(people))} ${readers > 0 ? fact(admin.readers, formatNumber(readers)) : nothing}
          ${fact(admin.open, formatDuration(clock))} ${fact(admin.today, amountText(used, overview))}
          ${fact(admin.interpreter, admin.interpreterStates[state], state === 'failed')}
          ${interpreter && interpreter.languages !== 'auto' ? fact(admin.languages, interpreter.languages.join(', ')) : nothing}
        </dl>
        ${message ? html`<p class="small"><bdi lang="en">${message}</bdi></p>` : nothing}
        ${this.#actions(name, interpreter?.id)}
      </li>
    `;
  }

  /** Buttons of a room that ask back. */
  #actions(room: string, interpreter: string | undefined): TemplateResult {
    const { admin } = pageTexts();
    return html`
      <div class="actions">
        ${
          interpreter === undefined
            ? nothing
            : this.#button({
                key: `restart ${interpreter}`,
                icon: RotateCcw,
                asks: [admin.restartShort, admin.restart(room)],
                isSure: [admin.restartShortNow, admin.restartNow(room)],
                act: () => this.operator.restartInterpreter(room, interpreter),
              })
        }
        ${this.#button({
          key: `end ${room}`,
          icon: CircleX,
          asks: [admin.endShort, admin.end(room)],
          isSure: [admin.endShortNow, admin.endNow(room)],
          act: () => this.operator.endRoom(room),
        })}
      </div>
    `;
  }

  /** A button that acts when it is pressed a second time, unless it was left in between. */
  #button({ key, icon, asks, isSure, act }: AskingButton): TemplateResult {
    const isAsking = this.asking === key;
    const [text, label] = isAsking ? isSure : asks;
    return html`
      <button
        type="button"
        class=${isAsking ? 'sure' : ''}
        aria-label=${label}
        @click=${() => {
          this.asking = isAsking ? undefined : key;
          if (isAsking) void act();
        }}
        @blur=${() => {
          if (isAsking) this.asking = undefined;
        }}
      >
        <booth-icon .icon=${icon}></booth-icon> ${text}
      </button>
    `;
  }

  #webhook({ id, url, state, queued, delivered, abandoned, problem }: WebhookEndpointView): TemplateResult {
    const { admin } = pageTexts();
    return html`
      <li class="room">
        <h3><bdi>${url}</bdi></h3>
        <dl>
          ${fact(admin.state, admin.webhookStates[state], state !== 'ok')} ${fact(admin.delivered, formatNumber(delivered))}
          ${fact(admin.queued, formatNumber(queued))} ${fact(admin.abandoned, formatNumber(abandoned), abandoned > 0)}
        </dl>
        ${problem ? html`<p class="small"><bdi lang="en">${problem}</bdi></p>` : nothing}
        ${
          state === 'disabled'
            ? html`<button type="button" @click=${() => void this.operator.enableWebhook(id)}>${admin.enable}</button>`
            : nothing
        }
      </li>
    `;
  }

  static override styles = [
    shared,
    inlineCode,
    css`
      main {
        display: grid;
        gap: 2rem;
        max-inline-size: 64rem;
        margin-inline: auto;
        padding: 1.5rem 1rem;
      }
      header,
      section {
        display: grid;
        gap: 0.75rem;
        min-inline-size: 0;
      }
      h1 {
        font-size: 1.5rem;
        line-height: 1.2;
      }
      h2 {
        font-size: 1.125rem;
      }
      h3 {
        font-size: 1rem;
      }
      ul {
        display: grid;
        gap: 0.75rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li,
      p {
        overflow-wrap: anywhere;
      }
      dl,
      dd {
        margin: 0;
      }
      dt {
        color: var(--ink-quiet);
        font-size: 0.8125rem;
      }
      .figures {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(8rem, 100%), 1fr));
        gap: 0.75rem;
      }
      .figures > div {
        padding: 0.75rem 1rem;
        border: 1px solid var(--edge);
        border-radius: var(--radius);
      }
      .figures dd {
        font-size: 1.25rem;
        font-variant-numeric: tabular-nums;
      }
      .room {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0.5rem 1rem;
        align-items: center;
        padding: 0.75rem 1rem;
        border: 1px solid var(--edge);
        border-radius: var(--radius);
        background: var(--surface);
      }
      .room > * {
        grid-column: 1;
        min-inline-size: 0;
      }
      .room > button,
      .actions {
        grid-column: 2;
        grid-row: 1 / span 2;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: 0.5rem;
      }
      .room dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.75rem;
      }
      .alert dd {
        color: var(--alert);
        font-weight: 600;
      }
      .sure {
        border-color: var(--alert);
        color: var(--alert);
      }
      .problem {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0.75rem;
        padding-block-end: 0.5rem;
        border-block-end: 1px solid var(--edge);
      }
      .problem.error strong {
        color: var(--alert);
      }
      footer {
        justify-self: start;
      }
      @media (max-width: 36rem) {
        .room {
          grid-template-columns: 1fr;
        }
        .room > button,
        .actions {
          grid-column: 1;
          grid-row: auto;
          justify-content: start;
        }
      }
    `,
  ];
}

const byName = ({ name }: RoomOverview): string => name;

const fact = (label: string, value: string, isAlert = false): TemplateResult =>
  html`<div class=${isAlert ? 'alert' : ''}><dt>${label}</dt><dd><bdi>${value}</bdi></dd></div>`;

/** An amount of money, of tokens where the prices are not known. */
function amountText({ tokens, money }: Amounts, { usage, engine }: Overview): string {
  const { admin, interpreter } = pageTexts();
  if (money !== undefined && usage.prices) return formatMoney(money, usage.prices.currency);
  return engine.kind === 'offline' ? admin.free : interpreter.tokens(formatNumber(tokens));
}

function budgetText(overview: Overview): string {
  const { budget, usage } = overview;
  const { admin, interpreter } = pageTexts();
  const limits = [
    ...(budget.money !== undefined && usage.prices ? [formatMoney(budget.money, usage.prices.currency)] : []),
    ...(budget.tokens !== undefined ? [interpreter.tokens(formatNumber(budget.tokens))] : []),
  ];
  if (limits.length === 0) return admin.noBudget;
  return budget.level === 'within' ? limits.join(', ') : `${limits.join(', ')}: ${admin.budgetLevels[budget.level]}`;
}

/** Why this page has nothing to show; it is not entered by an invite, as rooms are. */
function reasonText(reason: ErrorReason): unknown {
  const known: Readonly<Record<string, string>> = pageTexts().admin.reasons;
  return Object.hasOwn(known, reason.code) ? known[reason.code] : localizedReason(reason);
}

customElements.define('booth-admin', BoothAdmin);
