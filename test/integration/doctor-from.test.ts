/** `booth doctor --from`, in a network of its own, behind a firewall, with a real server and coturn outside. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TlsIdentity } from '../../server/listeners.ts';
import type { ServerOptions } from '../../server/server.ts';
import { runBooth, temporaryFolder } from '../support/booth-process.ts';
import { certificateFor } from '../support/certificates.ts';
import { Coturn } from '../support/coturn.ts';
import { freePort } from '../support/free-port.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { startNginx } from '../support/proxies.ts';
import { person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';

const HOUR_MS = 3_600_000;
const ROOM = 'hall';
const TURN_NAME = 'turn.booth.test';

const invited = (server: TestServer) => `${server.url}/room/${ROOM}#invite=${server.invite(ROOM, ['subscribe'], 600)}`;
const pages = new URL('../../client-widget', import.meta.url).pathname;

async function served(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const server = await startTestServer({ pages, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** Under `/booth/`; whatever else is asked for is not there. @returns the proxy's origin */
async function behindNginx(server: string, more = ''): Promise<string> {
  const port = await freePort();
  const upgrade =
    'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;';
  const proxy = await startNginx(
    port,
    await certificateFor(['localhost']),
    `server { listen 127.0.0.1:${port}; location / { return 404; } ${more} location /booth/ { proxy_pass ${server}/; ${upgrade} } }`,
  );
  onTestFinished(() => proxy.close());
  return `http://127.0.0.1:${port}`;
}

describe('booth doctor --from', () => {
  it('an invite link: page, REST, signalling and media over UDP and TCP are reached', async () => {
    const { exitCode, stdout } = await runBooth(['doctor', '--from', invited(await served())]);
    expect(stdout).toMatch(
      /^ok +page .*\nok +REST .*\nok +signalling .*\nok +media, UDP +127\.0\.0\.1 port \d+\nok +media, TCP /,
    );
    expect(exitCode).toBe(0);
  });

  it('a server, with a token in BOOTH_TOKEN', async () => {
    const { url } = await served();
    const environment = { BOOTH_TOKEN: tokenOf(person('doctor', { room: 'lobby' })) };
    const { exitCode, stdout } = await runBooth(['doctor', '--from', url], { environment });
    expect(stdout).toMatch(/ok +media, UDP/);
    expect(exitCode).toBe(0);
  });

  it.each(['', '/room/hall'])('a server under a path, whose host has something else: %s', async (page) => {
    const { url: origin, invite } = await served({ publicUrl: 'https://meet.example.org/booth/' });
    const server = `${await behindNginx(origin)}/booth`;
    const link = page === '' ? server : `${server}${page}#invite=${invite(ROOM, ['subscribe'], 600)}`;
    const environment = { BOOTH_TOKEN: tokenOf(person('doctor', { room: 'lobby' })) };
    const { exitCode, stdout } = await runBooth(['doctor', '--from', link], { environment });
    expect(stdout).toContain(`${server}\n`);
    expect(stdout).toMatch(/ok +REST .*\nok +signalling .*\nok +media, UDP/);
    expect(exitCode).toBe(0);
  });

  it('a server whose proxy keeps /readyz to itself, as the one of deploy/caddy does', async () => {
    const { url: origin, invite } = await served();
    const proxy = await behindNginx(origin, 'location ~ /(metrics|readyz)$ { return 404; }');
    const link = `${proxy}/booth/room/${ROOM}#invite=${invite(ROOM, ['subscribe'], 600)}`;
    const { exitCode, stdout } = await runBooth(['doctor', '--from', link]);
    expect(stdout).toMatch(/ok +REST +the server answers\nok +signalling .*\nok +media, UDP/);
    expect(exitCode).toBe(0);
  });

  it('nobody: says that no server answers, and what to look at', async () => {
    const { url, close } = await startTestServer({ pages });
    await close();
    const { exitCode, stdout, stderr } = await runBooth(['doctor', '--from', url]);
    expect(stdout).toMatch(/^BLOCKED +page .*ECONNREFUSED.*\n +→ Is the server running/);
    expect(stderr).toMatch(/^booth: .*\n$/);
    expect(exitCode).toBe(1);
  });

  it('an invite that lets nobody in: says so', async () => {
    const { url } = await served();
    const { exitCode, stdout } = await runBooth(['doctor', '--from', `${url}/room/${ROOM}#invite=wrong`]);
    expect(stdout).toMatch(/ok +REST .*\nBLOCKED +signalling .*\n +→ Use an invite/);
    expect(exitCode).toBe(1);
  });

  it('what is no address is refused in one line', async () => {
    const { exitCode, stderr } = await runBooth(['doctor', '--from', 'meet.example.org']);
    expect(stderr).toMatch(/^booth: --from needs .*\n/);
    expect(exitCode).not.toBe(0);
  });

  describe.skipIf(!canMakeNetworks())('behind a firewall', () => {
    let network: TestNetwork;
    let coturn: Coturn;
    let identity: TlsIdentity;
    beforeAll(async () => {
      network = new TestNetwork(2);
      network.knowHosts({ [TURN_NAME]: network.hostAddress });
      identity = await certificateFor([TURN_NAME]);
      coturn = await Coturn.start(network.hostAddress, identity);
    });
    afterAll(() => {
      coturn.close();
      network.close();
    });

    const examine = (url: string, environment = {}) =>
      runBooth(['doctor', '--from', url], { environment, startedBy: (node) => network.inside(node) });
    const turn = (secret: string) => ({
      iceServers: {
        urls: [coturn.url('udp'), coturn.url('tcp')],
        turn: { secret, lifetimeMs: HOUR_MS },
      },
    });

    it('that eats UDP, says so, and that TCP and the TURN server are open', async () => {
      const server = await served({ host: network.hostAddress, ...turn(coturn.secret) });
      onTestFinished(network.dropUdp());
      const { exitCode, stdout } = await examine(invited(server));
      expect(stdout).toMatch(/BLOCKED +media, UDP +\S+ port \d+: no answer within 4 s\n +→ Open UDP port \d+/);
      expect(stdout).toMatch(/ok +media, TCP/);
      expect(stdout).toMatch(/BLOCKED +TURN server +turn:\S+transport=udp: no answer/);
      expect(stdout).toMatch(/ok +TURN server +turn:\S+transport=tcp relays at/);
      expect(exitCode).toBe(0);
    });

    it('that lets TLS through alone: the TURN server is reached, and its certificate looked at', async () => {
      const server = await served({
        host: network.hostAddress,
        iceServers: { urls: [coturn.tlsUrl(TURN_NAME)], turn: { secret: coturn.secret, lifetimeMs: HOUR_MS } },
      });
      onTestFinished(network.letThroughOnly({ tcp: [server.port, coturn.tlsPort ?? 0] }));
      const file = join(temporaryFolder(), 'certificate.pem');
      writeFileSync(file, identity.cert);
      const trusting = await examine(invited(server), { NODE_EXTRA_CA_CERTS: file });
      expect(trusting.stdout).toMatch(/ok +TURN server +turns:turn\.booth\.test:\d+\?transport=tcp relays at/);
      expect(trusting.exitCode).toBe(0);
      const wary = await examine(invited(server));
      expect(wary.stdout).toMatch(
        /BLOCKED +TURN server .*\n +→ Give the TURN server a certificate for turn\.booth\.test/,
      );
      expect(wary.exitCode).toBe(1);
    });

    it('that eats all media, says so, and fails', async () => {
      const server = await served({ host: network.hostAddress });
      onTestFinished(network.letThroughOnly({ tcp: [server.port] }));
      const { exitCode, stdout, stderr } = await examine(invited(server));
      expect(stdout).toMatch(/ok +signalling/);
      expect(stdout).toMatch(
        /BLOCKED +media, UDP .*\n +→ .*\nBLOCKED +media, TCP .*no connection within 4 s\n +→ Open TCP port/,
      );
      expect(stderr).toContain('no media get through');
      expect(exitCode).toBe(1);
    });

    it('and a TURN server with another secret: says which settings have to be the same', async () => {
      const server = await served({ host: network.hostAddress, ...turn('another secret') });
      const { exitCode, stdout } = await examine(invited(server));
      expect(stdout).toMatch(/BLOCKED +TURN server .*\n +→ .*static-auth-secret and BOOTH_RTC_TURN_SECRET/);
      expect(exitCode).toBe(0);
    });
  });
});
