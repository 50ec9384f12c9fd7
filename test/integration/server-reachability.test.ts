/** Where a server receives media, and which STUN and TURN servers it tells people of. */
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join as path } from 'node:path';
import type { ReplyData } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { joinRoom } from '../../bot/room/join-room.ts';
import { routableAddress } from '../../cli/local-booth.ts';
import type { TlsIdentity } from '../../server/listeners.ts';
import type { RtcOptions } from '../../server/media/media-workers.ts';
import { systemClock } from '../../time/clock.ts';
import { runBooth, startBooth, temporaryFolder } from '../support/booth-process.ts';
import { certificateFor } from '../support/certificates.ts';
import { Coturn } from '../support/coturn.ts';
import { Guest, say, signalUrl } from '../support/meeting.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { recording } from '../support/served.ts';
import { connect, join, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { tone } from '../support/sound.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;

async function serverWith(options: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(options);
  onTestFinished(() => server.close());
  return server;
}

async function transportOf(server: TestServer): Promise<ReplyData<'transport.create'>> {
  const ana = await join(server, person('ana'));
  onTestFinished(() => ana.leave());
  return ana.request('transport.create', { direction: 'recv' });
}

const addressesOf = ({ iceCandidates }: Pick<ReplyData<'transport.create'>, 'iceCandidates'>) =>
  iceCandidates.map(({ protocol, address }) => `${protocol} ${address}`);

describe('media are received', () => {
  const rtc = (more: Partial<RtcOptions>) => ({ rtc: { port: 0, workers: 1, ...more } });

  it('on every address of a list, IPv6 too, the first of which goes first', async () => {
    const server = await serverWith(rtc({ listen: [{ ip: '127.0.0.1' }, { ip: '::1' }] }));
    const { iceCandidates } = await transportOf(server);
    const byPriority = iceCandidates.toSorted((a, b) => b.priority - a.priority);
    expect(addressesOf({ iceCandidates: byPriority })).toEqual([
      'udp 127.0.0.1',
      'udp ::1',
      'tcp 127.0.0.1',
      'tcp ::1',
    ]);
  });

  it('on every address of the computer, by the names that clients are told, on one port for IPv4 and IPv6', async () => {
    const port = 30_000 + (process.pid % 10_000);
    const listen = [
      { ip: '0.0.0.0', announcedAddress: '203.0.113.7' },
      { ip: '::', announcedAddress: '2001:db8::7' },
    ];
    const { iceCandidates } = await transportOf(await serverWith(rtc({ port, listen })));
    expect(new Set(addressesOf({ iceCandidates }))).toEqual(
      new Set(['udp 203.0.113.7', 'tcp 203.0.113.7', 'udp 2001:db8::7', 'tcp 2001:db8::7']),
    );
    expect(new Set(iceCandidates.map((candidate) => candidate.port))).toEqual(new Set([port]));
  });

  it('over TCP on a port of its own', async () => {
    const tcpPort = 40_000 + (process.pid % 10_000);
    const { iceCandidates } = await transportOf(await serverWith(rtc({ tcpPort })));
    const portsOf = (wanted: string) =>
      iceCandidates.filter(({ protocol }) => protocol === wanted).map(({ port }) => port);
    expect(portsOf('tcp')).toEqual([tcpPort]);
    expect(portsOf('udp')).not.toEqual([tcpPort]);
  });

  it('over TCP on a port of its own by one worker alone, and says so before it starts', async () => {
    await expect(startTestServer({ rtc: { port: 0, workers: 2, tcpPort: 443 } })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(/BOOTH_RTC_WORKERS=1/),
    });
  });

  it('on the other addresses, where one that is optional cannot be bound', async () => {
    const listen = [{ ip: '127.0.0.1' }, { ip: '203.0.113.7', optional: true }];
    expect(addressesOf(await transportOf(await serverWith(rtc({ listen }))))).toEqual([
      'udp 127.0.0.1',
      'tcp 127.0.0.1',
    ]);
  });

  it('not on an address that the computer does not have, and says so before it starts', async () => {
    const listen = [{ ip: '127.0.0.1' }, { ip: '203.0.113.7' }];
    await expect(startTestServer(rtc({ listen }))).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(/203\.0\.113\.7/),
    });
  });

  it('not on every address without a word what clients are told', async () => {
    await expect(startTestServer(rtc({ listen: [{ ip: '::' }] }))).rejects.toMatchObject({ name: 'StartError' });
  });

  it('by an interpreter that the server has launched where they arrive, as the address outside may not lead back', async () => {
    const listen = [{ ip: '0.0.0.0', announcedAddress: '203.0.113.7' }];
    const server = await serverWith(rtc({ listen }));
    expect(addressesOf(await transportOf(server))).toEqual(['udp 203.0.113.7', 'tcp 203.0.113.7']);
    const ana = await join(server, person('ana'), { hears: 'es' });
    await until(() => server.launches.length > 0);
    const token = server.launches[0]?.assignment.token ?? '';
    const events = { changed: () => {}, ended: () => {} };
    const booth = await joinRoom({ url: signalUrl(server), token, preferences: {}, clock: systemClock, events });
    onTestFinished(() => {
      booth.close();
      ana.leave();
    });
    const caption = {
      v: 1,
      type: 'caption',
      seq: 1,
      language: 'es',
      speaker: { id: 'ana', name: 'ana' },
      utterance: 'one',
    };
    const text = { kind: 'translation', stable: 'Buenos días', final: true, start: 1 };
    booth.publishCaptions('es').send(JSON.stringify({ ...caption, ...text }));
    const captions = async () => {
      const late = await join(server, person('late'));
      late.leave();
      return late.reply.captions;
    };
    await expect.poll(captions).toHaveLength(1);
  });

  const routable = routableAddress(Object.values(networkInterfaces()).flatMap((some) => some ?? []));
  it.skipIf(routable === undefined)('by booth start on 127.0.0.1 on another address too, for Firefox', async () => {
    const environment = {
      BOOTH_PORT: '0',
      BOOTH_RTC_PORT: '0',
      BOOTH_RTC_WORKERS: '1',
      BOOTH_DATA_DIR: temporaryFolder(),
    };
    const booth = startBooth(['start'], { environment });
    await until(() => booth.output.stdout.includes('\n'));
    const { origin } = new URL(booth.output.stdout.trim());
    expect(origin).toContain('http://127.0.0.1:');
    const { stdout } = await runBooth(['token', '--room', 'lobby', '--identity', 'ana'], { environment });
    const ana = await connect({ url: origin } as TestServer, stdout.trim());
    onTestFinished(() => ana.leave());
    const { iceCandidates } = await (await ana.join()).request('transport.create', { direction: 'recv' });
    expect(addressesOf({ iceCandidates })).toEqual(
      expect.arrayContaining(['udp 127.0.0.1', `udp ${routable}`, 'tcp 127.0.0.1', `tcp ${routable}`]),
    );
  });
});

describe('STUN and TURN servers', () => {
  const secret = 'shared with coturn';
  const iceServers = {
    urls: ['stun:stun.example.org', 'turn:turn.example.org'],
    turn: { secret, lifetimeMs: HOUR_MS },
  };

  it('are told to whoever has a transport made, with a password of their own that can be renewed', async () => {
    let nowMs = Date.now();
    const server = await serverWith({ iceServers, wallNow: () => nowMs });
    const ana = await join(server, person('ana'));
    const created = await ana.request('transport.create', { direction: 'send' });
    expect(created.iceServersExpireInMs).toBe(HOUR_MS);
    expect(created.iceServers?.[0]).toEqual({ urls: ['stun:stun.example.org'] });
    const [, turn] = created.iceServers ?? [];
    nowMs += HOUR_MS / 2;
    const renewed = await ana.request('iceServers.renew', {});
    const expiry = (username = '') => Number(username.split(':')[0]);
    expect(expiry(renewed.iceServers[1]?.username) - expiry(turn?.username)).toBe(HOUR_MS / 2 / 1000);
    const ben = await join(server, person('ben'));
    const bens = (await ben.request('transport.create', { direction: 'send' })).iceServers?.[1];
    expect(bens?.username?.split(':')[1]).not.toBe(turn?.username?.split(':')[1]);
    expect(JSON.stringify([created, renewed, ana.reply])).not.toContain(secret);
  });

  it('are renewed by a command whose passwords end soon, and sound goes on', async () => {
    const coturn = await Coturn.start('127.0.0.1');
    onTestFinished(() => coturn.close());
    const server = await serverWith({
      iceServers: { urls: [coturn.url('udp')], turn: { secret: coturn.secret, lifetimeMs: 8_000 } },
    });
    const [ana, ben] = [await Guest.enter(server, person('ana')), await Guest.enter(server, person('ben'))];
    const said = await say(await ana.room.publishMicrophone(), tone(450, 1000, VOICE_SAMPLE_RATE), { loop: true });
    onTestFinished(() => {
      said.stop();
      for (const { room } of [ana, ben]) room.close();
    });
    let packets = 0;
    await ben.room.receiveAudio(await ben.microphoneOf('ana'), () => packets++);
    const expiries = () => new Set([...coturn.users].map((user) => user.split(':')[0]));
    await until(() => expiries().size > 3);
    const before = packets;
    await until(() => packets > before + 50);
    expect([...ana.ends, ...ben.ends]).toEqual([]);
  });

  it('are not told to an interpreter that the server has launched on its own computer', async () => {
    const server = await serverWith({ iceServers });
    const ana = await join(server, person('ana'), { hears: 'es' });
    await until(() => server.launches.length > 0);
    const bot = await connect(server, server.launches[0]?.assignment.token ?? '');
    onTestFinished(() => {
      bot.leave();
      ana.leave();
    });
    await bot.join();
    expect(await bot.request('transport.create', { direction: 'send' })).not.toHaveProperty('iceServers');
    expect(await bot.request('iceServers.renew', {})).toEqual({ iceServers: [] });
  });

  it('are not told where there are none', async () => {
    expect(await transportOf(await serverWith({}))).not.toHaveProperty('iceServers');
  });

  describe.skipIf(!canMakeNetworks())('and a command behind a firewall', () => {
    const NAME = 'turn.booth.test';
    let identity: TlsIdentity;
    let network: TestNetwork;
    let coturn: Coturn;
    beforeAll(async () => {
      identity = await certificateFor([NAME]);
      network = new TestNetwork(3);
      network.knowHosts({ [NAME]: network.hostAddress });
      coturn = await Coturn.start(network.hostAddress, identity);
    });
    afterAll(() => {
      coturn.close();
      network.close();
    });

    /** Jane, who says a recording by way of the TURN server alone. */
    async function speakBy(url: string, open: { udp?: number[]; tcp?: number[] }, environment = {}) {
      const server = await serverWith({
        host: network.hostAddress,
        iceServers: { urls: [url], turn: { secret: coturn.secret, lifetimeMs: HOUR_MS } },
      });
      onTestFinished(network.letThroughOnly({ ...open, tcp: [server.port, ...(open.tcp ?? [])] }));
      const luis = await Guest.enter(server, person('luis', { room: 'hall' }));
      onTestFinished(() => luis.room.close());
      const speaking = startBooth(['speak', recording('conf-now-recording'), '--room', 'hall', '--url', server.url], {
        environment: { BOOTH_TOKEN: tokenOf(person('jane', { room: 'hall' })), ...environment },
        startedBy: (node) => network.inside(node),
      });
      return { luis, speaking };
    }

    it('let it through over UDP', async () => {
      const { luis, speaking } = await speakBy(coturn.url('udp'), { udp: [coturn.port] });
      await hears(luis);
      expect((await speaking.ended).exitCode).toBe(0);
      expect(coturn.users.size).toBeGreaterThan(0);
    });

    it('let it through over TLS, with a certificate that it trusts', async () => {
      const before = coturn.users.size;
      const { luis, speaking } = await speakBy(
        coturn.tlsUrl(NAME),
        { tcp: [coturn.tlsPort ?? 0] },
        { NODE_EXTRA_CA_CERTS: certificateFile(identity) },
      );
      await hears(luis);
      expect((await speaking.ended).exitCode).toBe(0);
      expect(coturn.users.size).toBeGreaterThan(before);
    });

    it('say plainly that its certificate is trusted by nobody', async () => {
      const { speaking } = await speakBy(coturn.tlsUrl(NAME), { tcp: [coturn.tlsPort ?? 0] });
      const { exitCode, stderr } = await speaking.ended;
      expect(exitCode).not.toBe(0);
      expect(stderr).toMatch(/^booth: ICE: .* gave no relay over TLS: .*its certificate trusted here/);
    });
  });
});

async function hears(guest: Guest): Promise<void> {
  let packets = 0;
  await guest.room.receiveAudio(await guest.microphoneOf('jane'), () => packets++);
  await until(() => packets > 20);
}

function certificateFile({ cert }: TlsIdentity): string {
  const file = path(temporaryFolder(), 'certificate.pem');
  writeFileSync(file, cert);
  return file;
}
