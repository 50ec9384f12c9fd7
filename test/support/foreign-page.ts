/** A page of somebody else: another origin, whose Content-Security-Policy allows a nonce and what it names, and nothing inline. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ForeignPage {
  url: string;
  close(): Promise<void>;
}

export const NONCE = 'bm9uY2U';

/** @param booth the origin that the page may talk to */
export async function startForeignPage(booth: string, html: string): Promise<ForeignPage> {
  const server = createServer((_request, response) => {
    response.setHeader(
      'Content-Security-Policy',
      `default-src 'none'; script-src 'nonce-${NONCE}'; connect-src ${booth} ${booth.replace('http', 'ws')}; style-src 'nonce-${NONCE}'`,
    );
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width" /><title>Somebody else's page</title>${html}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
