/** The package `@mediasoup-booth/widget` as an app's TypeScript sees it: what docs/widget.md says compiles, and what it does not say is an error. */
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/booth-process.ts';

const widget = fileURLToPath(new URL('../../client-widget', import.meta.url));
const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

const app = `
import { BoothCaptions, channels, meeting, type AttachedMeeting, type Caption } from '@mediasoup-booth/widget';

await channels();
const captions = document.querySelector('booth-captions');
const own: BoothCaptions = captions ?? new BoothCaptions();
own.getToken = async () => (await fetch('/token')).text();
own.addEventListener('caption', ({ detail }) => say(detail));
own.addEventListener('state', ({ detail }) => detail.is === 'lost' && console.info(detail.delayMs));
own.addEventListener('click', ({ clientX }) => console.info(clientX));
own.addEventListener('something', (event: Event) => console.info(event.type));
own.attach(new RTCPeerConnection().createDataChannel('captions'));
function say({ stable, speaker }: Caption): string {
  return speaker.name + stable;
}

const heard = document.createElement('booth-channels');
heard.delay = 3;
heard.addEventListener('languagechange', async ({ detail: { language } }) => heard.attach(await meetingIn(language)));
heard.addEventListener('sound', ({ detail: { blocked } }) => blocked && heard.unlock(), { once: true });
async function meetingIn(language: string): Promise<AttachedMeeting> {
  const hold = await heard.holder();
  const connection = new RTCPeerConnection();
  connection.addEventListener('track', ({ receiver }) => hold(receiver));
  const receivers = connection.getReceivers();
  const [track] = receivers.map((receiver) => receiver.track);
  const element = document.createElement('audio');
  return {
    ...{ me: 'me', languages: [language], messages: [connection.createDataChannel('captions')] },
    channels: track ? { [language]: track } : {},
    originals: [{ speaker: 'jane', language: 'en', element, receivers }],
  };
}

const booth = meeting({
  me: 'me',
  languages: fetch('/languages').then((response) => response.json() as Promise<{ targets: { code: string; audio: boolean }[] }>),
  async choose({ hears, reads }) {
    await fetch('/choose', { method: 'POST', body: JSON.stringify({ hears, reads }) });
  },
});
const isBooths: boolean = booth.add(new RTCPeerConnection().createDataChannel('captions'), { role: 'captions' });
const isMine: boolean = booth.add({ track: new MediaStreamTrack() }, 'jane');
booth.original('jane', { track: new MediaStreamTrack() }, () => document.querySelector('audio'), { language: 'en' });
booth.select({ hears: isBooths || isMine ? 'es' : 'original', reads: [] });
booth.close();

// @ts-expect-error: nobody is asked for languages
meeting({ me: 'me', languages: ['es'] });
// @ts-expect-error: no caption is a number
own.addEventListener('caption', ({ detail }) => detail.stable * 2);
// @ts-expect-error: it is only told
own.state = { is: 'live' };
// @ts-expect-error: there is no such place
own.place = 'left';
`;

it('takes what the documentation shows, and refuses what it does not', async () => {
  const folder = temporaryFolder();
  const installed = join(folder, 'node_modules/@mediasoup-booth/widget');
  await mkdir(installed, { recursive: true });
  await copyFile(join(widget, 'package.json'), join(installed, 'package.json'));
  await cp(join(widget, 'public'), join(installed, 'dist'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'app.ts'), app);
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'ES2022', module: 'NodeNext', lib: ['ES2022', 'DOM'], types: [] },
    ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
  const errors = await promisify(execFile)(process.execPath, [tsc, '--project', folder]).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(errors).toBe('');
});
