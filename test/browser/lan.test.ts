/** `booth start --lan`, and a phone: a browser in another network, which has a microphone once it has accepted the certificate. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { joinRoom } from '@mediasoup-booth/interpreter/remote';
import { signalUrl } from '@mediasoup-booth/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../time/clock.ts';
import { runBooth, startBooth, temporaryFolder } from '../support/booth-process.ts';
import { chromiumTrusting } from '../support/certificates.ts';
import { launchChromium } from '../support/chromium.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { until } from '../support/until.ts';

describe.skipIf(!canMakeNetworks())('booth start --lan', () => {
  it('gives a browser in the network a microphone, over HTTPS with the certificate that it prints', async () => {
    const network = new TestNetwork(5);
    onTestFinished(() => network.close());
    const dataDir = temporaryFolder();
    const environment = { BOOTH_PORT: '0', BOOTH_RTC_PORT: '0', BOOTH_DATA_DIR: dataDir };
    const server = startBooth(['start', '--lan'], { environment });
    await until(() => server.output.stderr.includes('Stop it with Ctrl-C'));
    const { stdout, stderr } = server.output;
    const [invite = ''] = /https:\/\/\S+#invite=\S+/.exec(stderr) ?? [];
    const { host, hostname, protocol } = new URL(invite);
    network.routeTo(hostname);
    expect(protocol).toBe('https:');
    expect(stderr).toMatch(/^([\dA-F]{2}:){31}[\dA-F]{2}$/m);
    // Whoever runs it stays on the loopback, where a browser asks for no certificate; its port serves nobody else without one.
    const own = new URL(stdout.trim());
    expect(own.origin).toBe(`http://127.0.0.1:${own.port}`);
    await expect(fetch(`http://${host}/healthz`)).rejects.toThrow();

    const cert = await readFile(join(dataDir, 'lan-certificate.pem'), 'utf8');
    const inNetwork = (args: string[] = []) =>
      launchChromium({ startedBy: (executable) => network.inside(executable), args });
    const wary = await inNetwork();
    onTestFinished(() => wary.close());
    await expect((await wary.newPage()).goto(invite)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);

    const phone = await inNetwork([chromiumTrusting(cert)]);
    onTestFinished(() => phone.close());
    const page = await (await phone.newContext({ locale: 'en-US' })).newPage();
    await page.goto(invite);
    expect(await page.evaluate(() => isSecureContext)).toBe(true);
    await page.getByLabel('Name').fill('Jane');
    await page.getByRole('meter').waitFor();
    await page.getByRole('button', { name: 'Join' }).click();
    await page.locator('booth-meeting').waitFor();

    // Somebody at the server's own computer receives her sound.
    const args = ['token', '--room', 'lobby', '--identity', 'luis', '--grant', 'subscribe'];
    const token = (await runBooth(args, { environment })).stdout.trim();
    const room = await joinRoom({
      url: signalUrl(own.origin),
      token,
      clock: systemClock,
      events: { changed() {}, ended() {} },
    });
    onTestFinished(() => room.close());
    const microphone = () =>
      [...room.participants.values()]
        .find(({ name }) => name === 'Jane')
        ?.producers.find(({ kind }) => kind === 'audio');
    await until(() => microphone() !== undefined);
    let packets = 0;
    await room.receiveAudio(microphone()?.id ?? '', () => packets++);
    await until(() => packets > 50);
  });
});
