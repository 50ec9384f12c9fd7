/**
 * A page of somebody else that has the widget: another origin, whose Content-Security-Policy allows a nonce and what it names, and
 * nothing inline.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export const NONCE = 'bm9uY2U';

export interface ForeignPageOptions {
  /** The origin that the page may talk to. */
  booth: string;
  html: string;
  /** The origin of the widget's script; default: the same. */
  widget?: string;
  /** Its own script, at `/own.js`. */
  script?: string;
  /** Its language; default: English. */
  lang?: string;
  /** More of its Content-Security-Policy. */
  policy?: string;
  /** The page that it may have in a frame; default: none. */
  frames?: string;
  /** Where its workers may come from; default: from nowhere. */
  workers?: string;
}

/** Its address, until the test is over. */
export async function startForeignPage({
  booth,
  html,
  widget = booth,
  script = '',
  lang = 'en',
  workers,
  policy: more,
  frames,
}: ForeignPageOptions): Promise<string> {
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `script-src 'nonce-${NONCE}'`,
    `style-src 'nonce-${NONCE}'`,
    `connect-src ${booth} ${booth.replace('http', 'ws')}`,
    ...(workers ? [`worker-src ${workers}`] : []),
    ...(frames ? [`frame-src ${frames}`] : []),
    ...(more ? [more] : []),
  ];
  const head = `<!doctype html><html lang="${lang}"><head><title>Somebody else's page</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"></head>
<script type="module" nonce="${NONCE}" src="${widget}/widget.js"></script>`;
  const server = createServer(({ url }, response) => {
    const isScript = url === '/own.js';
    response.setHeader('Content-Security-Policy', policy.join('; '));
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    // It may be in a frame of another page like it.
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    response.setHeader('Content-Type', `${isScript ? 'text/javascript' : 'text/html'}; charset=utf-8`);
    response.end(isScript ? script : `${head}${html}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return `http://localhost:${port}/`;
}
