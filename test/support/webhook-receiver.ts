/** An application that is told by webhooks: it verifies each message with the library of Standard Webhooks, and remembers it. */
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { WebhookEventType, WebhookPayload } from '@mediasoup-booth/protocol';
import { Webhook } from 'standardwebhooks';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

export const webhookSecret = `whsec_${Buffer.alloc(32, 'one').toString('base64')}`;
export const otherWebhookSecret = `whsec_${Buffer.alloc(32, 'two').toString('base64')}`;

export interface Certificate {
  key: string;
  cert: string;
}

export interface ReceivedWebhook {
  id: string;
  payload: WebhookPayload;
  headers: IncomingHttpHeaders;
}

export class WebhookReceiver {
  /** What was verified, in the order in which it came: repetitions too. */
  readonly messages: ReceivedWebhook[] = [];
  /** Requests so far, whatever was answered. */
  requests = 0;
  /** Why requests were not verified. */
  readonly forged: string[] = [];
  /** Answers a request. Default: 204. */
  answer: (response: ServerResponse) => void = (response) => void response.writeHead(204).end();
  readonly #verifier = new Webhook(webhookSecret);
  readonly #certificate: Certificate | undefined;
  #server: Server | undefined;
  #port = 0;

  private constructor(certificate: Certificate | undefined) {
    this.#certificate = certificate;
  }

  /** Listens on a port of 127.0.0.1, until the test is over: with a certificate, over HTTPS. */
  static async start(certificate?: Certificate): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(certificate);
    await receiver.listen();
    onTestFinished(() => receiver.stop());
    return receiver;
  }

  get url(): string {
    return `${this.#certificate ? 'https' : 'http'}://127.0.0.1:${this.#port}/booth`;
  }

  get types(): WebhookEventType[] {
    return this.messages.map(({ payload }) => payload.type);
  }

  /** Again on the port that it had. */
  async listen(): Promise<void> {
    const receive: RequestListener = async (request, response) => {
      this.requests++;
      let body = '';
      for await (const piece of request.setEncoding('utf8')) body += piece;
      try {
        const payload = this.#verifier.verify(body, headersOf(request.headers)) as WebhookPayload;
        if (request.method === 'POST')
          this.messages.push({ id: String(request.headers['webhook-id']), payload, headers: request.headers });
      } catch (error) {
        this.forged.push(String(error));
      }
      this.answer(response);
    };
    const server = this.#certificate ? createTlsServer(this.#certificate, receive) : createServer(receive);
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Nobody answers there any more. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** The first message of a type, when it has come. */
  async receives<T extends WebhookEventType>(type: T, fits: (payload: WebhookPayload) => boolean = () => true) {
    const found = () => this.messages.find(({ payload }) => payload.type === type && fits(payload));
    await until(() => found() !== undefined).catch(() => {
      throw new Error(`${type} never came; there were ${this.types.join(', ')}; ${this.forged.join(', ')}`);
    });
    return found()?.payload as Extract<WebhookPayload, { type: T }>;
  }
}

const headersOf = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
