/** Browsers that are signed in as the operator's: their contexts enter every room of a server as hosts, without an invite. */

import { SignInResponse } from '@mediasoup-booth/protocol';
import type { BrowserContextOptions } from 'playwright-core';
import type { BoothServer } from '../../server/server.ts';

/** The option of `newContext` with which a browser has its storage from the beginning. */
export type SignedIn = Required<Pick<BrowserContextOptions, 'storageState'>>;

/** Exchanges the code of a sign-in link, as the page does that is opened by it. */
export async function credentialFor(url: string, code: string): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(new URL('/v1/sign-in', url), {
    method: 'POST',
    headers,
    body: JSON.stringify({ code }),
  });
  return SignInResponse.parse(await response.json()).credential;
}

/** @param url of the server, by the name under which pages are opened */
export async function signedInBy(url: string, code: string): Promise<SignedIn> {
  const localStorage = [{ name: 'booth.operator', value: await credentialFor(url, code) }];
  return { storageState: { cookies: [], origins: [{ origin: new URL(url).origin, localStorage }] } };
}

export const signedInAt = (server: Pick<BoothServer, 'url' | 'signInCode'>): Promise<SignedIn> =>
  signedInBy(server.url, server.signInCode());
