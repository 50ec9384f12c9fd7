/** Signatures of webhook messages, by the Standard Webhooks specification: HMAC-SHA256 under a secret that is written `whsec_` and base64. */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

export interface SignedMessage {
  id: string;
  /** Seconds since 1970. */
  timestamp: number;
  body: string;
}

/**
 * The value of the header `webhook-signature`: one signature for each secret, so that a receiver which knows one of them accepts the
 * message while a secret is replaced.
 *
 * @example
 * signatures(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], { id: 'msg_1', timestamp: 1614265330, body: '{}' }); // 'v1,…'
 */
export const signatures = (secrets: readonly string[], { id, timestamp, body }: SignedMessage): string =>
  secrets.map((secret) => `v1,${hmac(secret, `${id}.${timestamp}.${body}`)}`).join(' ');

const hmac = (secret: string, text: string): string =>
  createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
    .update(text)
    .digest('base64');
