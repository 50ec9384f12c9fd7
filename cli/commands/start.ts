import qrcode from 'qrcode';
import { RecentProblems } from '../../server/recent-problems.ts';
import { boothCommand } from '../arguments.ts';
import { type LocalBooth, startLocalBooth } from '../local-booth.ts';
import { openLog } from '../log.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { readSettings } from '../settings.ts';
import { waitForStopSignal } from '../stop-signal.ts';
import type { Certificate } from '../tls/certificate.ts';
import type { LanAccess } from '../tls/secure-access.ts';

const ROOM = 'lobby';
const INVITE_SECONDS = 86_400;

export const start = boothCommand('start')
  .description('Serves meetings with interpreters, and the embedded engine where there is no key, until it is stopped.')
  .option('--lan', 'Also for others in the network, over HTTPS and with an invite; prints a QR code')
  .option('--open', 'Opens the page in the browser')
  .action(async ({ lan = false, open = false }: { lan?: boolean; open?: boolean }) => {
    const settings = readSettings();
    const problems = new RecentProblems();
    const booth = await startLocalBooth(settings, { lan, problems }, openLog(settings, problems.hooks));
    const stopped = waitForStopSignal();
    const link = booth.signInLink(ROOM);
    console.error(`\n${booth.engine.label}\n`);
    if (booth.budgetSentence) console.error(`${booth.budgetSentence}\n`);
    // Only the link goes to stdout, where programs read it.
    console.log(link);
    if (booth.lan) console.error(await guestInstructions(booth, booth.lan));
    console.error('\nThe link is good for one browser; `npx booth link` makes another. Stop it with Ctrl-C.');
    const page = open ? await openInBrowser(link, settings.dataDir) : undefined;
    await stopped;
    await page?.remove();
    await booth.close();
  });

async function guestInstructions({ server }: LocalBooth, { url, ownCertificate }: LanAccess): Promise<string> {
  const link = `${url}/room/${ROOM}#invite=${server.invite(ROOM, ['publish', 'subscribe'], INVITE_SECONDS)}`;
  return [
    `\nFor others in this network, valid for a day:\n\n${link}\n`,
    await qrcode.toString(link, { type: 'terminal', small: true, errorCorrectionLevel: 'L' }),
    ...(ownCertificate ? trustInstructions(ownCertificate) : []),
  ].join('\n');
}

const trustInstructions = ({ fingerprint }: Certificate): readonly string[] => [
  'Their browser warns once, as it does not know the certificate of this computer: they choose "Advanced" (or "Show details"), and go on to the',
  'page if the certificate has this SHA-256 fingerprint:',
  fingerprint,
];
