/**
 * Which folder may import which. The product's parts (server, bot, engine, client-widget) share protocol, config and the other
 * foundations, and never know each other. A folder that is missing here fails the test: decide where it belongs, then add it. No exported
 * name may stand for two things.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../../scripts/places.mjs';

interface Import {
  from: string;
  to: string;
}

type Rules = Readonly<Record<string, readonly string[]>>;

const specifier = /\b(?:from|import)\s*\(?\s*'(\.{1,2}\/[^'?]+)/g;
/** The folders that are packages, by their names in the project's scope. */
const packageFolders = new Map([
  ['protocol', 'protocol'],
  ['werift-handler', 'werift-handler'],
  ['interpreter', 'bot'],
  ['offline-engine', 'engine'],
  ['widget', 'client-widget'],
]);

/** The import of a folder by the name of its package. */
const packageSpecifier = /\b(?:from|import)\s*\(?\s*'@mediasoup-booth\/([\w-]+)[\w/-]*'/g;

const exported = /^export (?:abstract )?(?:async )?(?:class|interface|type|const|function\*?) (\w+)/gm;

const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mjs'], {
  cwd: repository,
  encoding: 'utf8',
})
  .trim()
  .split('\n');

/** Every import of a file from the repository, as paths from its root. */
function importsIn(file: string): Import[] {
  const text = readFileSync(join(repository, file), 'utf8');
  const relative = [...text.matchAll(specifier)].map(([, path = '']) => normalize(join(dirname(file), path)));
  const packages = [...text.matchAll(packageSpecifier)].map(
    ([, name = '']) => `${packageFolders.get(name) ?? name}/index.ts`,
  );
  return [...relative, ...packages].map((to) => ({ from: file, to }));
}

const imports = sources.flatMap(importsIn);

/** The folder directly below `root` that a file stands in; the root's own files are in `.`. */
function folderBelow(root: string, file: string): string {
  const [folder = '.', ...rest] = file.slice(root.length).split('/');
  return rest.length === 0 ? '.' : folder;
}

/** The imports between folders below `root` that no rule allows, as `from → to`. */
function forbidden(root: string, rules: Rules): string[] {
  return imports
    .filter(({ from, to }) => from.startsWith(root) && to.startsWith(root))
    .filter(({ from, to }) => {
      const [folder, other] = [folderBelow(root, from), folderBelow(root, to)];
      return folder !== other && !rules[folder]?.includes(other);
    })
    .map(({ from, to }) => `${from} → ${to}`);
}

/** A circle among rules, as the folders that it leads through; undefined: there is none. */
function circleIn(rules: Rules): string[] | undefined {
  const done = new Set<string>();
  const search = (folder: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    for (const next of rules[folder] ?? []) {
      const circle = search(next, [...path, folder]);
      if (circle) return circle;
    }
    done.add(folder);
    return undefined;
  };
  for (const folder of Object.keys(rules)) {
    const circle = search(folder, []);
    if (circle) return circle;
  }
  return undefined;
}

const folders = new Set(sources.filter((file) => file.includes('/')).map((file) => folderBelow('', file)));
const anything = [...folders];
const foundations = [
  'protocol',
  'config',
  'audio',
  'time',
  'collections',
  'account',
  'captions',
  'images',
  'logging',
  'rtp',
  'sockets',
];

/** What the folders at the repository's root may import; `.` stands for files there, as `package.json`. */
const topLevel: Rules = {
  time: [],
  collections: [],
  protocol: ['collections'],
  audio: ['collections'],
  config: ['protocol'],
  captions: ['protocol', 'collections'],
  account: ['protocol', 'config', 'time', 'collections', 'logging'],
  images: [],
  logging: [],
  rtp: [],
  sockets: ['time'],
  // It runs FFmpeg beside this process.
  recordings: ['audio', 'protocol', 'captions', 'time', 'collections', 'process'],
  // Child processes and how they log: it does I/O, so that no page may import it.
  process: ['time', 'collections', 'logging', 'protocol'],
  engine: [...foundations, 'process'],
  bot: [...foundations, 'process', 'room-client', 'werift-handler'],
  // What many machines share, in Redis: it implements what server and bot declare, and they never know it.
  cluster: [...foundations, 'process', 'room-client', 'server', 'bot'],
  'werift-handler': ['rtp', 'time', 'process'],
  'room-client': ['protocol', 'config', 'time', 'collections'],
  server: [...foundations, '.'],
  'client-widget': ['protocol', 'time', 'collections', 'captions', 'room-client'],
  // Applications of somebody else, which know the packages alone.
  examples: ['bot', 'engine', 'client-widget'],
  // Set-up of the offline engine, which runs before any package is there to be named.
  scripts: ['audio', 'engine', 'process'],
  cli: [
    ...foundations,
    'room-client',
    'engine',
    'bot',
    'server',
    'cluster',
    'scripts',
    'bench',
    'process',
    'recordings',
    'werift-handler',
    '.',
  ],
  // It puts a whole Booth together, whose processes it measures from outside.
  bench: [...foundations, 'room-client', 'engine', 'bot', 'server', 'cluster', 'scripts', 'process', 'werift-handler'],
  test: [...anything, '.'],
  '.': anything,
};

/** The layers of the page and the widgets, the lowest first; the root's own files are the entries that a browser loads. */
const clientWidget: Rules = {
  state: [],
  i18n: ['state'],
  media: ['state', 'i18n'],
  sources: ['state', 'i18n', 'media'],
  meeting: ['state', 'i18n', 'media', 'sources'],
  captions: ['state', 'i18n', 'media', 'sources'],
  channels: ['state', 'i18n', 'media', 'sources'],
  embedding: ['state', 'i18n', 'media', 'sources', 'channels'],
  page: ['state', 'i18n', 'media', 'sources', 'meeting', 'captions', 'channels'],
  'caption-pages': ['state', 'i18n', 'media', 'sources', 'meeting', 'captions', 'channels'],
  '.': ['state', 'i18n', 'media', 'sources', 'meeting', 'captions', 'channels', 'embedding', 'page', 'caption-pages'],
};

describe('the folders of the repository', () => {
  it('all have a rule', () => {
    expect([...folders].filter((folder) => !Object.hasOwn(topLevel, folder))).toEqual([]);
  });

  it('import only what their rule allows', () => {
    expect(forbidden('', topLevel)).toEqual([]);
  });

  it('depend on each other without a circle, apart from tests and the files at the root', () => {
    const { test, '.': root, ...rest } = topLevel;
    expect(circleIn(rest)).toBeUndefined();
  });
});

describe('the packages that others install', () => {
  it('are known to the server, the cluster and the commands by their public names alone', () => {
    const paths = sources
      .filter((file) => /^(cli|server|cluster)\//.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(repository, file), 'utf8');
        return [...text.matchAll(specifier)].map(([, path = '']) => ({
          file,
          to: normalize(join(dirname(file), path)),
        }));
      });
    const folders = [...packageFolders.values()];
    expect(paths.length).toBeGreaterThan(500);
    expect(paths.filter(({ to }) => folders.some((folder) => to.startsWith(`${folder}/`)))).toEqual([]);
  });
});

describe('the exported names of the product', () => {
  /** Every language has a table of texts under the same names. */
  const tables = /^client-widget\/i18n\//;

  it('stand for one thing each', () => {
    const product = sources.filter((file) => !/^test\/|\.d\.ts$|\.mjs$/.test(file) && !tables.test(file));
    const files = new Map<string, Set<string>>();
    for (const file of product) {
      const text = readFileSync(join(repository, file), 'utf8');
      for (const [, name = ''] of text.matchAll(exported)) files.set(name, (files.get(name) ?? new Set()).add(file));
    }
    expect([...files].filter(([, places]) => places.size > 1).map(([name, places]) => [name, ...places])).toEqual([]);
  });
});

describe('the folders of client-widget', () => {
  it('import only the layers below them', () => {
    expect(forbidden('client-widget/', clientWidget)).toEqual([]);
  });

  it('depend on each other without a circle', () => {
    expect(circleIn(clientWidget)).toBeUndefined();
  });
});

describe('the rules themselves', () => {
  it('report a circle as the folders that it leads through', () => {
    expect(circleIn({ a: ['b'], b: ['c'], c: ['b'] })).toEqual(['b', 'c', 'b']);
  });
});
