/** How whoever runs the server comes in: by the link that the terminal printed, by another one, and by commands beside it. */

import { JoinResponse, Overview } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { ServedMeeting } from '../support/served.ts';
import { credentialFor } from '../support/signed-in.ts';

const codeIn = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get('code') ?? '';

async function enter(url: string, body: object): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return fetch(new URL('/v1/join', url), { method: 'POST', headers, body: JSON.stringify({ room: 'lobby', ...body }) });
}

describe('beside a running server', () => {
  it('the printed link and those of `booth link` let one browser in each, and commands need no token', async () => {
    const meeting = await ServedMeeting.start();
    const { url } = meeting;
    expect((await enter(url, {})).status).toBe(403);
    await meeting.signedIn;
    const link = await meeting.command('link', '--url', url, '--room', 'hall');
    expect(link.stdout).toMatch(new RegExp(`^${url}/room/hall#code=[\\w-]{43}\n$`));
    const credential = await credentialFor(url, codeIn(link.stdout.trim()));
    JoinResponse.parse(await (await enter(url, { credential })).json());

    const here = ['--room', 'hall', '--url', url];
    const heard = await meeting.command('listen', ...here, '--language', 'es', '--seconds', '1', '--name', 'Ear');
    expect(heard).toMatchObject({ exitCode: 0, stderr: '' });

    const last = await meeting.command('link', '--url', url, '--sign-out-all');
    expect((await enter(url, { credential })).status).toBe(403);
    await credentialFor(url, codeIn(last.stdout.trim()));

    const page = await meeting.command('link', '--url', url, '--admin', '--ttl', '1h');
    expect(page.stdout).toMatch(new RegExp(`^${url}/admin#token=[\\w.-]+\n$`));
    const token = page.stdout.trim().split('#token=')[1] ?? '';
    const overview = await fetch(`${url}/v1/overview`, { headers: { Authorization: `Bearer ${token}` } });
    expect(Overview.parse(await overview.json())).toMatchObject({ engine: { kind: 'offline' } });
    expect(meeting.log).not.toContain(token);
    for (const printed of [link, last]) expect(meeting.log).not.toContain(codeIn(printed.stdout.trim()));
  });
});
