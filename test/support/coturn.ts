/** Debian's TURN server in a process of its own, which lets people in who have a password made with the shared secret. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCoturn } from '../../scripts/setup/coturn.mjs';
import type { TlsIdentity } from '../../server/listeners.ts';

export class Coturn {
  readonly secret = 'shared by Booth and coturn';
  readonly address: string;
  readonly port: number;
  /** For TLS; undefined: it has no certificate. */
  readonly tlsPort: number | undefined;
  readonly #process: ChildProcess;
  readonly #folder: string;
  #log = '';

  /**
   * @param address on which it listens, and by which it relays
   * @param identity its certificate for TLS; default: no TLS
   */
  static async start(address: string, identity?: TlsIdentity): Promise<Coturn> {
    const program = findCoturn(process.env);
    if (!program) throw new Error('no TURN server: "npm test" fetches one, or install coturn');
    const tls = identity && { ...identity, port: await freePort(address) };
    const coturn = new Coturn(program, address, await freePort(address), tls);
    while (!(await coturn.#isListening())) await new Promise((resolve) => setTimeout(resolve, 50));
    return coturn;
  }

  private constructor(
    program: string,
    address: string,
    port: number,
    tls: (TlsIdentity & { port: number }) | undefined,
  ) {
    this.address = address;
    this.port = port;
    this.tlsPort = tls?.port;
    this.#folder = mkdtempSync(join(tmpdir(), 'booth-coturn-'));
    const file = (name: string, text: string): string => {
      writeFileSync(join(this.#folder, name), text, { mode: 0o600 });
      return join(this.#folder, name);
    };
    const secure = tls && {
      'tls-listening-port': String(tls.port),
      cert: file('cert.pem', tls.cert),
      pkey: file('key.pem', tls.key),
    };
    const options = {
      'listening-ip': address,
      'relay-ip': address,
      'listening-port': String(port),
      'static-auth-secret': this.secret,
      realm: 'booth.test',
      'log-file': 'stdout',
      pidfile: join(this.#folder, 'pid'),
      userdb: join(this.#folder, 'db'),
      ...secure,
    };
    const flags = [
      '-n',
      '--use-auth-secret',
      ...(tls ? [] : ['--no-tls']),
      '--no-dtls',
      '--no-cli',
      '--allow-loopback-peers',
      '--verbose',
    ];
    const args = [...flags, ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)];
    this.#process = spawn(program, args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text;
      });
  }

  url(transport: 'udp' | 'tcp'): string {
    return `turn:${this.address}:${this.port}?transport=${transport}`;
  }

  /** Of the same over TLS. @param name that its certificate has */
  tlsUrl(name: string): string {
    return `turns:${name}:${this.tlsPort}?transport=tcp`;
  }

  /** What it has logged. */
  get log(): string {
    return this.#log;
  }

  /** The names by which people have got a relay so far. */
  get users(): ReadonlySet<string> {
    return new Set(
      [...this.#log.matchAll(/user <([^>]+)>.*ALLOCATE processed, success/g)].map(([, user = '']) => user),
    );
  }

  close(): void {
    this.#process.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #isListening(): Promise<boolean> {
    if (this.#process.exitCode !== null) throw new Error(`coturn ended:\n${this.#log}`);
    return new Promise((resolve) => {
      const socket = connect(this.port, this.address, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }
}

/** A port that is free for UDP, and was for TCP. */
function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4').once('error', reject);
    socket.bind(0, address, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
