/**
 * What every test of a page begins with: a server that serves the pages, a browser, and people who come with contexts of their own,
 * which are closed when their test is over. Each test has a room of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Grant } from '@mediasoup-booth/protocol';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, beforeEach, onTestFinished } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import type { ServerOptions } from '../../server/server.ts';
import { type ChromiumOptions, launchChromium } from './chromium.ts';
import { joinPage, type Visit } from './page.ts';
import { startTestServer, type TestServer } from './server.ts';
import { type SignedIn, signedInAt } from './signed-in.ts';

/** Long enough for the slowest machine; nothing here waits for it when all is well. */
export const PATIENCE = { timeout: 60_000, interval: 100 };

export interface ServedPagesOptions {
  server?: Partial<ServerOptions>;
  chromium?: ChromiumOptions;
  /** What all contexts have. */
  context?: BrowserContextOptions;
  /** How long it keeps what is said; default: it does not. */
  retentionHours?: number;
}

export interface ServedPages {
  readonly server: TestServer;
  readonly browser: Browser;
  /** Of the test that runs. */
  readonly room: string;
  /** Signed in as the operator's browser, if `options` do not say otherwise. */
  somebody(options?: BrowserContextOptions): Promise<BrowserContext>;
  visit(name: string, more?: Partial<Visit>): Visit;
  /** Somebody, in the room. */
  joins(name: string, more?: Partial<Visit>): Promise<Page>;
  /** What lets somebody in who is not a host. */
  guest(grants?: Grant[]): { fragment: string };
}

/** From before the first test of the file, or of the suite, until after its last. */
export function servePages({
  server: serverOptions = {},
  chromium,
  context: common = {},
  retentionHours = 0,
}: ServedPagesOptions = {}): ServedPages {
  let server: TestServer;
  let browser: Browser;
  let signedIn: SignedIn;
  let roomCount = 0;
  let room: string;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'booth-pages-'));
    server = await startTestServer({ pages: pageDir, transcripts: { folder, retentionHours }, ...serverOptions });
    browser = await launchChromium(chromium);
    signedIn = await signedInAt(server);
    return async () => {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true });
    };
  });
  beforeEach(() => {
    room = `room-${++roomCount}`;
  });

  const somebody = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-US',
      ...signedIn,
      ...common,
      ...options,
    });
    onTestFinished(() => context.close());
    return context;
  };
  const visit = (name: string, more: Partial<Visit> = {}): Visit => ({ url: server.url, room, name, ...more });

  return {
    get server() {
      return server;
    },
    get browser() {
      return browser;
    },
    get room() {
      return room;
    },
    somebody,
    visit,
    joins: async (name, more) => joinPage(await somebody(), visit(name, more)),
    guest: (grants = ['publish', 'subscribe']) => ({ fragment: `invite=${server.invite(room, grants, 600)}` }),
  };
}
