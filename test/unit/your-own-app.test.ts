/** The guide for other applications, and the example that it is taken from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoomUsage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import type { BoothErrorCode } from '../../bot/booth-error.ts';
import type { InterpretedRoom, RoomEventMap } from '../../bot/in-process/room-options.ts';
import type { RoomProblemCode } from '../../bot/in-process/room-state.ts';
import { repository } from '../../scripts/places.mjs';

const read = (file: string): string => readFileSync(join(repository, file), 'utf8');

/** The first line of a piece, which says where in the file it goes, and is not in it. */
const PLACE = /^(?:\/\/ |<!-- )((?:at|in) .*?)(?: -->)?\n/;

/** The pieces of the guide that stand in a file of the example, with that file's name. */
const pieces = [...read('docs/your-own-app.md').matchAll(/<!-- (examples\/\S+) -->\n```\w+\n(.*?)```/gs)].map(
  ([, file = '', code = '']) => ({ file, code: code.replace(PLACE, ''), place: PLACE.exec(code)?.[1] }),
);

/** The lines that `changed` has and `original` has not, without blank lines and comments. */
function added(original: string, changed: string): string[] {
  const rest = read(original).split('\n');
  return read(changed)
    .split('\n')
    .filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(at, 1);
      return at < 0 && /^\s*[^\s/]/.test(line);
    });
}

/** By how it begins, a line that was changed is known again. */
const beginning = (line: string): string => line.trim().slice(0, 12);

describe('docs/your-own-app.md', () => {
  it.each(pieces)('shows what stands in $file: $code', ({ file, code }) => {
    expect(read(file)).toContain(code);
  });

  it('says of each piece where it goes, but for a whole file', () => {
    const isWhole = ({ file, code }: { file: string; code: string }) =>
      read(file).trim().endsWith(code.trim()) && code.length > 2000;
    expect(pieces.filter((piece) => (piece.place === undefined) !== isWhole(piece))).toEqual([]);
  });

  it('says of each line that takes the place of another that it does', () => {
    for (const file of ['server.js', 'page.js']) {
      const [plain, interpreted] = [`examples/meeting/plain/${file}`, `examples/meeting/interpreted/${file}`];
      const inPlace = pieces.filter((piece) => piece.file === interpreted && piece.place?.includes('in place of'));
      const shown = inPlace.map(({ code }) => code).join('');
      // What the plain application has, and the other one has not, was replaced.
      const replaced = added(interpreted, plain).map(beginning);
      expect(replaced.length).toBeGreaterThan(0);
      expect(replaced.filter((line) => !shown.includes(line))).toEqual([]);
    }
  });

  it('shows every line that the example needs for an interpreter', () => {
    const shown = pieces.map(({ code }) => code).join('');
    for (const file of ['server.js', 'page.js', 'index.html']) {
      const lines = added(`examples/meeting/plain/${file}`, `examples/meeting/interpreted/${file}`);
      expect(lines.filter((line) => !shown.includes(line))).toEqual([]);
    }
  });
});

/** The codes in the first column of the table that begins with this heading. */
function listed(heading: string): string[] {
  const [, table = ''] = read('docs/your-own-app.md').split(`| ${heading} |`);
  const rows = table.split('\n\n')[0]?.split('\n').slice(2) ?? [];
  return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, code = '']) => code));
}

describe('what the guide lists', () => {
  it('is every problem of a room', () => {
    const problems: Record<RoomProblemCode, true> = {
      ...{ nobodySpeaks: true, noDelivery: true, noMicrophone: true, notDescribed: true, speaksUnknown: true },
      ...{ notUnderstood: true, notOpus: true, notReceived: true, undecodable: true, notDelivered: true },
      ...{ restarting: true, engine: true, budget: true, waiting: true, reconnecting: true },
      ...{ overBudget: true, unavailable: true },
    };
    expect(listed('problem').sort()).toEqual(Object.keys(problems).sort());
  });

  it('is every code of a BoothError', () => {
    const codes: Record<BoothErrorCode, true> = {
      ...{
        invalid: true,
        closed: true,
        engineStarting: true,
        routerClosed: true,
        alreadyInterpreted: true,
        noOpus: true,
      },
      ...{ wrongRouter: true, wrongKind: true, languageNotServed: true, missingDependency: true, joinRefused: true },
    };
    expect(listed('`code`').sort()).toEqual(Object.keys(codes).sort());
  });
});

describe('what the guide calls', () => {
  const guide = read('docs/your-own-app.md');
  const named = (pattern: RegExp) => [...new Set([...guide.matchAll(pattern)].map(([, name = '']) => name))].sort();

  it('is there of a room that is interpreted', () => {
    const members: Record<Exclude<keyof InterpretedRoom, symbol>, true> = {
      ...{ state: true, person: true, choose: true, microphone: true, screen: true, camera: true, leave: true },
      ...{ on: true, off: true },
      ...{ recent: true, languages: true, usage: true, stats: true, close: true },
    };
    const called = named(/\binterpreted\.(\w+)/g);
    expect(called).toEqual(
      expect.arrayContaining(['camera', 'choose', 'microphone', 'on', 'person', 'recent', 'screen', 'usage']),
    );
    expect(called.filter((name) => !(name in members))).toEqual([]);
    // `room` is the application's own.
    expect(named(/\broom\.(\w+)\(/g).filter((name) => name in members)).toEqual([]);
  });

  it('is told by a room that is interpreted', () => {
    const events: Record<keyof RoomEventMap, true> = {
      ...{ message: true, usage: true, state: true, suggestion: true, tooQuiet: true, closed: true },
    };
    const heard = named(/\binterpreted\.on\('(\w+)'/g);
    expect(heard).toEqual(['message', 'state', 'usage']);
    expect(heard.filter((name) => !(name in events))).toEqual([]);
    const usage = named(/on\('usage', \(\{ (\w+) \}\)/g);
    expect(usage).toEqual(['total'] satisfies (keyof RoomUsage)[]);
  });
});

describe('the example with an interpreter', () => {
  it.each([
    ['server.js', 25],
    ['page.js', 15],
    ['index.html', 2],
  ])('adds to %s at most %i lines', (file, most) => {
    const lines = added(`examples/meeting/plain/${file}`, `examples/meeting/interpreted/${file}`);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(most);
  });
});
