import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port that nothing uses at the moment, for a program that cannot be told to take any. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || !address) throw new Error('a port was asked for');
  return address.port;
}
