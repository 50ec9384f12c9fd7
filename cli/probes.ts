/** Looking at this computer without changing it: does a file exist, does a program run, is a port free. None ever rejects. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Environment } from './settings.ts';

const RUN_WITHIN_MS = 20_000;

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export interface Ran {
  /** A word of the system's where it could not even be started. */
  exitCode: number | string;
  /** The first line of what it said. */
  said: string;
}

export function run(command: string, args: readonly string[], environment: Environment): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: { ...environment }, timeout: RUN_WITHIN_MS };
    execFile(command, args, options, (error, stdout, stderr) => {
      const said = stdout || stderr || error?.message || '';
      resolve({ exitCode: error ? (error.code ?? 'no exit code') : 0, said: said.trim().split('\n')[0] ?? '' });
    });
  });
}

/** What the system says against using it; undefined: it is free. */
export const tcpPortProblem = (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const server = createServer().once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });

/** As `tcpPortProblem`. */
export const udpPortProblem = (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').once('error', resolve);
    socket.bind(port, host, () => socket.close(() => resolve(undefined)));
  });
