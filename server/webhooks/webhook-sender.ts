/**
 * Sends webhook messages over HTTP. A message is taken when the receiver answers with 2xx. Redirects are not followed, nothing but allowed
 * addresses is connected to, an answer that takes longer than 15 s is none, and of its body at most 64 kB are read, which nobody looks at.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import packageJson from '../../package.json' with { type: 'json' };
import { AddressRefused, allowedLookup, isPublicAddress, literalAddress, type ResolveAll } from './public-address.ts';

const ANSWER_WITHIN_MS = 15_000;
const MAX_BODY_BYTES = 65_536;
const USER_AGENT = `Booth/${packageJson.version}`;

export interface WebhookSenderOptions {
  /** Whether addresses that are not public may be connected to. Plain HTTP is for these alone. */
  allowPrivateAddresses: boolean;
  /** Milliseconds until an answer has to be there. Default: 15000. */
  answerWithinMs?: number;
  /** Default: the system's. */
  resolve?: ResolveAll;
}

export interface WebhookAnswer {
  status: number;
  /** Milliseconds for which the receiver wants to be left alone (`Retry-After`). */
  retryAfterMs?: number;
}

export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #agents = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) };

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /**
   * Posts a body; resolves when the answer's status is there.
   *
   * @throws {Error} where there is no answer: the message says why
   *
   * @example
   * const { status } = await sender.post(new URL('https://app.example/booth'), headers, '{}', signal);
   */
  async post(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<WebhookAnswer> {
    const literal = literalAddress(url);
    if (literal !== undefined && !this.#isAllowed(url, literal)) throw new AddressRefused([literal]);
    const timeLimit = AbortSignal.timeout(this.#options.answerWithinMs ?? ANSWER_WITHIN_MS);
    const options = {
      method: 'POST',
      agent: this.#agents[url.protocol === 'http:' ? 'http:' : 'https:'],
      lookup: allowedLookup((address) => this.#isAllowed(url, address), this.#options.resolve),
      signal: AbortSignal.any([signal, timeLimit]),
      headers: {
        ...headers,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': USER_AGENT,
      },
    };
    try {
      return answerOf(await exchange(url, options, body));
    } catch (error) {
      throw timeLimit.aborted ? new Error('no answer in time', { cause: error }) : error;
    }
  }

  /** Closes the connections that are kept for the next message. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #isAllowed({ protocol }: URL, address: string): boolean {
    const isPublic = isPublicAddress(address);
    if (protocol === 'http:') return !isPublic && this.#options.allowPrivateAddresses;
    return isPublic || this.#options.allowPrivateAddresses;
  }
}

/** Sends a request; once more, at once, where the receiver had closed the connection that was kept from the message before. */
function exchange(url: URL, options: RequestOptions, body: string, again = true): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, options, (response) => {
      drain(response);
      resolve(response);
    });
    request.once('error', (error) => {
      if (again && request.reusedSocket && 'code' in error && error.code === 'ECONNRESET')
        resolve(exchange(url, options, body, false));
      else reject(error);
    });
    request.end(body);
  });
}

/** Reads a short body, so that the connection can be kept; closes the connection where it is longer. */
function drain(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) response.destroy();
  });
  // The answer is known already: how its body ends changes nothing.
  response.on('error', () => {});
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): WebhookAnswer {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return { status: statusCode, ...(Number.isFinite(seconds) && seconds >= 0 && { retryAfterMs: seconds * 1000 }) };
}
