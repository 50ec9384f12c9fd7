/**
 * Tells other applications what happens on this server: every endpoint gets the events that it wants, in a queue of its own. Closing it
 * keeps what is not delivered for the next start.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  ApiError,
  defaultWebhookEvents,
  type WebhookEndpointView,
  type WebhookEventType,
} from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { StartError } from '../../config/start-error.ts';
import type { Clock } from '../../time/clock.ts';
import type { ServerEvents } from '../server-events.ts';
import { namesIn } from '../transcript/room-folder.ts';
import { DeliveryJournal, removeJournal } from './delivery-journal.ts';
import { isPublicAddress, literalAddress, type ResolveAll } from './public-address.ts';
import { type WebhookCounts, WebhookEndpoint, type WebhookEndpointSettings } from './webhook-endpoint.ts';
import { WebhookSender } from './webhook-sender.ts';

export interface WebhookEndpointOptions {
  url: string;
  /** `whsec_…`; of two, both sign. */
  secret: string | readonly string[];
  /** Default: all but captions. */
  events?: readonly WebhookEventType[] | undefined;
}

export interface WebhooksOptions {
  endpoints: readonly WebhookEndpointOptions[];
  /** Whether loopback, private and link-local addresses may be connected to. */
  allowPrivateAddresses: boolean;
  /** The folder in which messages wait. Created when it is needed. */
  folder: string;
  /** Default: the system's. */
  resolve?: ResolveAll;
}

export interface WebhooksDeps {
  events: ServerEvents;
  counts: WebhookCounts;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
}

export class Webhooks {
  readonly #endpoints: readonly WebhookEndpoint[];
  readonly #sender: WebhookSender;
  readonly #stopListening: () => void;

  /**
   * Opens the queues, and begins to deliver what an earlier process has left. What waits for an endpoint that is no longer configured is
   * deleted.
   *
   * @throws {StartError} where an endpoint is at an address that is not allowed, or the folder cannot be read
   *
   * @example
   * const webhooks = await Webhooks.open({ endpoints, allowPrivateAddresses: false, folder }, deps);
   */
  static async open(options: WebhooksOptions, deps: WebhooksDeps): Promise<Webhooks> {
    const { endpoints, folder, allowPrivateAddresses } = options;
    const settings = endpoints.map(settingsOf);
    if (!allowPrivateAddresses) for (const { url } of settings) requirePublic(url);
    const sender = new WebhookSender(options);
    try {
      if (folder !== '') await removeOthers(folder, settings);
      const opened = await Promise.all(settings.map((each) => openEndpoint(each, folder, sender, deps)));
      return new Webhooks(opened, sender, deps.events);
    } catch (error) {
      throw new StartError(
        `the messages that wait for webhooks cannot be read: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  private constructor(endpoints: readonly WebhookEndpoint[], sender: WebhookSender, events: ServerEvents) {
    this.#endpoints = endpoints;
    this.#sender = sender;
    this.#stopListening =
      endpoints.length === 0
        ? () => {}
        : events.on((event) => {
            for (const endpoint of endpoints) endpoint.push(event);
          });
  }

  get views(): WebhookEndpointView[] {
    return this.#endpoints.map(({ view }) => view);
  }

  /** Sends messages to an endpoint again that was disabled. @throws {ApiError} where there is none of this id */
  enable(id: string): WebhookEndpointView {
    const endpoint = this.#endpoints.find(({ settings }) => settings.id === id);
    if (!endpoint) throw new ApiError('notFound', `there is no webhook endpoint ${id}`);
    endpoint.enable();
    return endpoint.view;
  }

  /** Gives up the captions of a room that wait, because its transcript was deleted. */
  removeCaptions(room: string): void {
    for (const endpoint of this.#endpoints) endpoint.removeCaptions(room);
  }

  /** Resolves when everything that is not delivered is stored. */
  async close(): Promise<void> {
    this.#stopListening();
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
    this.#sender.close();
  }
}

const settingsOf = ({
  url,
  secret,
  events = defaultWebhookEvents,
}: WebhookEndpointOptions): WebhookEndpointSettings => ({
  id: createHash('sha256').update(url).digest('hex').slice(0, 16),
  url: new URL(url),
  secrets: typeof secret === 'string' ? [secret] : secret,
  events,
});

function requirePublic(url: URL): void {
  const address = url.hostname === 'localhost' ? '127.0.0.1' : literalAddress(url);
  if (address === undefined || isPublicAddress(address)) return;
  throw new StartError(
    `the webhook endpoint ${url.origin} is at an address that is not public. If it is yours, set BOOTH_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES=true`,
  );
}

const journalPath = (folder: string, { id }: Pick<WebhookEndpointSettings, 'id'>): string =>
  join(folder, `${id}.jsonl`);

async function removeOthers(folder: string, settings: readonly WebhookEndpointSettings[]): Promise<void> {
  const kept = new Set(settings.map((each) => journalPath(folder, each)));
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (/^[0-9a-f]{16}\.jsonl(\.new)?$/.test(name) && !kept.has(path)) await removeJournal(path);
  }
}

async function openEndpoint(
  settings: WebhookEndpointSettings,
  folder: string,
  sender: WebhookSender,
  { counts, clock, wallNow, log }: WebhooksDeps,
): Promise<WebhookEndpoint> {
  const { journal, stored } = await DeliveryJournal.open(journalPath(folder, settings), { clock, log });
  return new WebhookEndpoint(settings, stored, { sender, journal, counts, clock, wallNow, log });
}
