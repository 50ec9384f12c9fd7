import { RoomName } from '@mediasoup-booth/protocol';
import { isThisComputer } from '../../config/server-url.ts';
import { boothCommand, text } from '../arguments.ts';
import { chooseEngine } from '../engine-choice.ts';
import { CommandError, UsageError } from '../errors.ts';
import { checkReachability, type Entry } from '../reachability/reachability-check.ts';
import { givenToken, ownToken, type TokenSource } from '../room-token.ts';
import { readSettings, type Settings } from '../settings.ts';
import { checkSystem, type Finding } from '../system-check.ts';

const ROOM = 'lobby';

const signs: Readonly<Record<Finding['state'], string>> = {
  fine: 'ok',
  old: 'OLD',
  missing: 'MISSING',
  taken: 'IN USE',
  optional: 'not here',
  blocked: 'BLOCKED',
};

interface DoctorOptions extends TokenSource {
  from?: string;
}

export const doctor = boothCommand('doctor')
  .description(
    'Says what Booth needs of this computer, what of it is missing, and how to get it. With --from: what of a running server is reached from here.',
  )
  .option('--from <URL>', 'A server, or an invite link of it: joins, and tries every way for media from here', text)
  .option('--token-file <FILE>', 'Holds a token for --from (default: BOOTH_TOKEN)', text)
  .option('--token <SOURCE>', '"-": reads the token for --from from stdin', text)
  .action(async ({ from, ...source }: DoctorOptions) => {
    const settings = readSettings();
    if (from === undefined) await examineThisComputer(settings);
    else await examineServer(from, source, settings);
  });

async function examineThisComputer(settings: Settings): Promise<void> {
  const choice = chooseEngine(settings.config, settings.environment);
  const findings = await checkSystem(settings, choice);
  print(findings);
  console.log(`\n${choice.view.label}`);
  const [missing, taken] = [count(findings, 'missing'), count(findings, 'taken')];
  if (missing + taken > 0) throw new CommandError(`of what Booth needs, ${missing} missing and ${taken} in use`);
}

async function examineServer(from: string, source: TokenSource, settings: Settings): Promise<void> {
  const url = URL.parse(from);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--from needs something like https://meet.example.org, or an invite link, not "${from}"`);
  const { server, room } = destinationOf(url);
  const entry = await entryFor(url, room, source, settings);
  const { findings, mediaGetThrough } = await checkReachability({ server, room, entry });
  print(findings);
  if (mediaGetThrough === false)
    throw new CommandError('from here no media get through: people here read captions, and hear nothing');
  const isBroken = ({ subject, state }: Finding) => state === 'blocked' && !/^media|server$/.test(subject);
  if (findings.some(isBroken)) throw new CommandError('from here the server is not reached as it should be');
}

/** The server and the room of a link such as `https://example.org/booth/room/lobby`; of any other address, it is the server's own. */
function destinationOf(url: URL): { server: string; room: string } {
  const [page, named] = /\/(?:room|listen|overlay)\/([^/]+)\/?$/.exec(url.pathname) ?? [];
  const room = RoomName.safeParse(named === undefined ? ROOM : decodeURIComponent(named));
  if (!room.success) throw new UsageError(`--from: "${named}" is no name of a room`);
  const path = page === undefined ? url.pathname : url.pathname.slice(0, -page.length);
  return { server: `${url.origin}${path}`, room: room.data };
}

/** The link's own invite goes first, then a token that was given; on the server's own computer one is made. */
async function entryFor(url: URL, room: string, source: TokenSource, settings: Settings): Promise<Entry | undefined> {
  const invite = new URLSearchParams(url.hash.slice(1)).get('invite');
  if (invite) return { invite };
  const token = await givenToken(source, settings);
  if (token !== undefined) return { token };
  if (!isThisComputer(url.host)) return undefined;
  return { token: await ownToken({ room, name: 'booth doctor', grants: ['subscribe'] }, settings) };
}

function print(findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  for (const { subject, state, detail, remedy } of findings) {
    console.log(`${signs[state].padEnd(8)}  ${subject.padEnd(width)}  ${detail}`);
    if (remedy) console.log(`${' '.repeat(width + 12)}→ ${remedy}`);
  }
}

const count = (findings: readonly Finding[], wanted: Finding['state']) =>
  findings.filter(({ state }) => state === wanted).length;
