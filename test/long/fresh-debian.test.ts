/** A fresh Debian with nothing on it but its own Node: set-up, and the demonstration that speaks. */
import { expect, it, onTestFinished } from 'vitest';
import { canMakeRoots, DebianRoot } from '../support/debian-root.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

const SPEAKS_WITHIN_MS = 300_000;

it.skipIf(!canMakeRoots()).for([
  { version: 12, suite: 'bookworm', node: 'v18.' },
  { version: 13, suite: 'trixie', node: 'v20.' },
])(
  'Debian $version sets Booth up with its own Node, and its demonstration is read in Spanish',
  async ({ suite, node }) => {
    const root = await DebianRoot.make(suite);
    onTestFinished(() => root.remove());
    await root.run('apt-get -q update && apt-get -qy install --no-install-recommends ca-certificates nodejs npm');
    await root.addCertificates();
    expect(await root.run('node --version')).toContain(node);
    await root.addClone();
    await root.run('cd /booth && npm run -s setup');
    await root.keepMediaWorkers();

    const port = await freePort();
    const environment = { BOOTH_PORT: String(port), BOOTH_RTC_PORT: '0', BOOTH_RTC_WORKERS: '1' };
    const demo = root.start('cd /booth && exec npm run -s demo', environment);
    await until(() => /^ {2}es: \S/m.test(demo.printed()), SPEAKS_WITHIN_MS);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(await ready.json()).toEqual({ ready: true, reasons: [] });
  },
);
