/** The patches that give versatica/mediasoup-demo an interpreter, and what their README says of them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InterpretedRoom, RoomHost } from '../../bot/in-process/room-options.ts';
import type { Meeting, MeetingOptions } from '../../client-widget/public/meeting.d.ts';
import { repository } from '../../scripts/places.mjs';

const folder = join(repository, 'examples/mediasoup-demo');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

/** What a patch takes out of files, or puts into them, without blank lines and comments. */
function lines(file: string, sign: '+' | '-'): string[] {
  const changed = read(file).split('\n');
  const code = changed.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)));
  return code.map((line) => line.slice(1).trim()).filter((line) => line !== '' && !/^(\/\/|\/?\*)/.test(line));
}

const named = (file: string, pattern: RegExp): string[] =>
  [...new Set([...lines(file, '+').join('\n').matchAll(pattern)].map(([, name = '']) => name))].sort();

describe.each([
  ['server.patch', 35],
  ['page.patch', 30],
])('examples/mediasoup-demo/%s', (file, most) => {
  it('is one that git can read', () => {
    const counts = execFileSync('git', ['apply', '--numstat', join(folder, file)], {
      cwd: repository,
      encoding: 'utf8',
    });
    expect(counts).toMatch(/^\d+\t\d+\t(server|app)\/lib\/\S+\n/);
  });

  it(`adds at most ${most} lines, as many as the README says`, () => {
    expect(lines(file, '+').length).toBeLessThanOrEqual(most);
    const [, added, replaced] = new RegExp(`\\(${file}\\).*\\| (\\d+) \\| (\\d+) \\|`).exec(read('README.md')) ?? [];
    expect([Number(added), Number(replaced)]).toEqual([lines(file, '+').length, lines(file, '-').length]);
  });
});

describe('what they call', () => {
  it('is there of a room that is interpreted, and of its host', () => {
    const room: Partial<Record<keyof InterpretedRoom, true>> = {
      ...{ choose: true, languages: true, leave: true, microphone: true, person: true },
    };
    expect(named('server.patch', /_interpreted\.(\w+)\(/g)).toEqual(Object.keys(room).sort());
    const host: Partial<Record<keyof RoomHost, true>> = { offer: true, send: true };
    expect(named('server.patch', /^(\w+)\(peerId/gm)).toEqual(Object.keys(host));
  });

  it('is there of a meeting', () => {
    const meeting: Partial<Record<keyof Meeting, true>> = { add: true, close: true, message: true };
    expect(named('page.patch', /_booth\.(\w+)\(/g)).toEqual(Object.keys(meeting));
    const options: Partial<Record<keyof MeetingOptions, true>> = {
      ...{ choose: true, languages: true, me: true, remember: true },
    };
    const [, given = ''] = /meeting\(\n\{(.*?)\n\}\);/s.exec(lines('page.patch', '+').join('\n')) ?? [];
    expect([...given.matchAll(/^(\w+)/gm)].map(([, name = '']) => name).sort()).toEqual(Object.keys(options));
  });
});
