/**
 * Networks of their own for the programs of a test, on Linux as root: each is a network namespace behind a router, which is a namespace
 * too, so that packets can be lost without a word on their way and an address can change while a program runs.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: 'pipe' });
};

/** Whether this machine lets the test make networks. */
export function canMakeNetworks(): boolean {
  const probe = `booth-probe-${process.pid}`;
  try {
    ip('netns', 'add', probe);
    ip('netns', 'del', probe);
    return true;
  } catch {
    return false;
  }
}

/** This machine, a router, and one network behind it. */
export class TestNetwork {
  /** This machine's address as the network knows it. */
  readonly hostAddress: string;
  readonly #router: string;
  readonly #inside: string;
  readonly #subnet: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'booth-network-'));
  #host = 2;

  /** @param number tells apart the networks of one process, 0-9 */
  constructor(number = 0) {
    const id = `${process.pid}${number}`;
    this.#router = `boothR${id}`;
    this.#inside = `boothC${id}`;
    // Two processes of one machine have networks of their own.
    const second = 128 + (process.pid % 100);
    const third = ((process.pid / 100) | 0) % 12;
    const outer = `10.${second}.${third * 20 + number * 2}`;
    this.#subnet = `10.${second}.${third * 20 + number * 2 + 1}`;
    this.hostAddress = `${outer}.1`;
    ip('netns', 'add', this.#router);
    ip('netns', 'add', this.#inside);
    ip('link', 'add', this.#hostLink, 'type', 'veth', 'peer', 'name', 'out', 'netns', this.#router);
    ip('link', 'add', 'in', 'netns', this.#router, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#inside);
    ip('addr', 'add', `${this.hostAddress}/24`, 'dev', this.#hostLink);
    ip('-n', this.#router, 'addr', 'add', `${outer}.2/24`, 'dev', 'out');
    ip('-n', this.#router, 'addr', 'add', `${this.#subnet}.1/24`, 'dev', 'in');
    ip('link', 'set', this.#hostLink, 'up');
    // An IPv6 address that comes a second later is a change of network, at which a browser breaks off what it loads.
    this.#set(this.#inside, 'net/ipv6/conf/all/disable_ipv6');
    for (const link of ['out', 'in']) ip('-n', this.#router, 'link', 'set', link, 'up');
    for (const link of ['lo', 'eth0']) ip('-n', this.#inside, 'link', 'set', link, 'up');
    ip('route', 'add', `${this.#subnet}.0/24`, 'via', `${outer}.2`);
    this.#set(this.#router, 'net/ipv4/ip_forward');
    this.#goOnline();
  }

  /** A program that starts another one inside the network, with the arguments that it is given. */
  inside(executable: string): string {
    const program = join(this.#folder, basename(executable));
    writeFileSync(program, `#!/bin/sh\nexec ip netns exec ${this.#inside} '${executable}' "$@"\n`);
    chmodSync(program, 0o755);
    return program;
  }

  /** The network reaches this machine at this one of its addresses, too. */
  routeTo(address: string): void {
    if (address !== this.hostAddress) ip('-n', this.#router, 'route', 'add', address, 'via', this.hostAddress);
  }

  /** What is started inside the network from now on knows these names, and no others. */
  knowHosts(hosts: Readonly<Record<string, string>>): void {
    // `ip netns exec` lays these files over those of the same name in /etc.
    mkdirSync(this.#files, { recursive: true });
    const all = Object.entries({ localhost: '127.0.0.1', ...hosts });
    // Chromium looks a TURN server up with a dot at the end of its name.
    const lines = all.map(([name, address]) => `${address} ${name} ${name}.\n`);
    writeFileSync(join(this.#files, 'hosts'), lines.join(''));
    writeFileSync(join(this.#files, 'resolv.conf'), '');
  }

  /**
   * Programs of this machine reach a program that listens on the network's loopback at the same port of this machine's; the returned
   * function ends that.
   */
  async driveThrough(port: number): Promise<() => void> {
    const relay =
      "const to = require('net').connect(+process.argv[1], '127.0.0.1'); process.stdin.pipe(to).pipe(process.stdout)";
    const server = createServer((socket) => {
      const args = ['netns', 'exec', this.#inside, process.execPath, '-e', relay, String(port)];
      const child = spawn('ip', args, { stdio: ['pipe', 'pipe', 'ignore'] });
      socket.pipe(child.stdin).on('error', () => socket.destroy());
      child.stdout.pipe(socket).on('error', () => child.kill());
      socket.once('close', () => child.kill());
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return () => void server.close();
  }

  /** Loses every UDP packet in both directions, while TCP gets through; the returned function lets them through again. */
  dropUdp(): () => void {
    const rules = ['in', 'out'].map((link) => ['iif', link, 'ipproto', 'udp', 'blackhole']);
    for (const rule of rules) ip('-n', this.#router, 'rule', 'add', ...rule);
    return () => {
      for (const rule of rules) ip('-n', this.#router, 'rule', 'del', ...rule);
    };
  }

  /**
   * A firewall that loses every UDP and TCP packet without a word, but those to and from these ports of this machine; the returned
   * function takes it away.
   */
  letThroughOnly(open: { udp?: readonly number[]; tcp?: readonly number[] }): () => void {
    // The kernel asks the rule that was added last first.
    const protocols = ['udp', 'tcp'] as const;
    const rules = protocols.flatMap((protocol) => [
      ...['in', 'out'].map((link) => ['iif', link, 'ipproto', protocol, 'blackhole']),
      ...(open[protocol] ?? []).flatMap((port) => [
        ['iif', 'in', 'ipproto', protocol, 'dport', String(port), 'lookup', 'main'],
        ['iif', 'out', 'ipproto', protocol, 'sport', String(port), 'lookup', 'main'],
      ]),
    ]);
    for (const rule of rules) ip('-n', this.#router, 'rule', 'add', ...rule);
    return () => {
      for (const rule of rules) ip('-n', this.#router, 'rule', 'del', ...rule);
    };
  }

  /** The network loses its address; the returned function gives it another one. */
  loseAddress(): () => void {
    ip('-n', this.#inside, 'addr', 'del', `${this.#subnet}.${this.#host}/24`, 'dev', 'eth0');
    return () => {
      this.#host += 20;
      this.#goOnline();
    };
  }

  close(): void {
    for (const namespace of [this.#router, this.#inside]) ip('netns', 'del', namespace);
    rmSync(this.#folder, { recursive: true });
    rmSync(this.#files, { recursive: true, force: true });
  }

  get #files(): string {
    return join('/etc/netns', this.#inside);
  }

  get #hostLink(): string {
    return `b${this.#router.slice('boothR'.length)}`;
  }

  /** Switches a setting of the kernel on, for one namespace. */
  #set(namespace: string, setting: string): void {
    execFileSync('ip', ['netns', 'exec', namespace, 'sh', '-c', `echo 1 > /proc/sys/${setting}`]);
  }

  #goOnline(): void {
    ip('-n', this.#inside, 'addr', 'add', `${this.#subnet}.${this.#host}/24`, 'dev', 'eth0');
    ip('-n', this.#inside, 'route', 'add', 'default', 'via', `${this.#subnet}.1`);
  }
}
