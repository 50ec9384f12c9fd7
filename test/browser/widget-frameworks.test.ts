/**
 * The widget's package from npm in pages that React and Vue render, bundled by webpack: effects that run twice, elements that are rendered
 * anew and moved, and types of the elements in JSX and in templates. The frameworks are installed beside it, outside of the repository.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { RoomMessage } from '@mediasoup-booth/protocol';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../engine/setup/run.mjs';
import { buildPackages } from '../../scripts/packages/build.mjs';
import { repository } from '../../scripts/places.mjs';
import { launchChromium } from '../support/chromium.ts';
import { app, bundling, html, react, template, vue } from '../support/framework-pages.ts';
import { INSTALL_MS, makeApplication } from '../support/installed-packages.ts';
import { complaintsOf } from '../support/page.ts';
import { caption } from '../support/room-messages.ts';
import { PATIENCE } from '../support/served-pages.ts';

const FRAMEWORKS = [
  ...['react@19.3.1', 'react-dom@19.3.1', '@types/react@19.3.3', '@types/react-dom@19.3.0'],
  ...['vue@3.5.45', 'vue-tsc@3.3.14', 'typescript@5.9.3', 'webpack@5.113.0'],
];
const tsc = join(repository, 'node_modules/typescript/bin/tsc');

const folder = mkdtempSync(join(tmpdir(), 'booth-frameworks-'));
const application = join(folder, 'application');
let browser: Browser;

beforeAll(async () => {
  const built = await buildPackages(join(folder, 'built'), (name) => name === '@mediasoup-booth/widget');
  await makeApplication(application, [...built.map(({ tarball }) => tarball), ...FRAMEWORKS]);
  const compilerOptions = {
    ...{ strict: true, target: 'ES2022', module: 'ESNext', moduleResolution: 'bundler', jsx: 'react-jsx', types: [] },
    ...{ lib: ['ES2023', 'DOM', 'DOM.Iterable'], outDir: 'compiled', rootDir: '.' },
  };
  const files = { 'app.ts': app, 'react.tsx': react, 'vue.ts': vue };
  const tsconfig = JSON.stringify({ compilerOptions, files: Object.keys(files) });
  for (const [name, text] of Object.entries({ ...files, 'bundle.js': bundling, 'tsconfig.json': tsconfig }))
    writeFileSync(join(application, name), text);
  browser = await launchChromium();
  return async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  };
}, INSTALL_MS);

const inApplication = (...args: string[]): Promise<string> =>
  run(process.execPath, args, { cwd: application, timeoutMs: INSTALL_MS });
/** What a compiler says. */
const findings = (...args: string[]) =>
  inApplication(...args).then(
    () => '',
    (error: { output?: string }) => error.output ?? String(error),
  );

/** The page of a framework, until the test is over. */
async function opened(name: 'react' | 'vue'): Promise<{ page: Page; complaints: string[] }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('Content-Type', extname(pathname) === '.js' ? 'text/javascript' : 'text/html');
    const file = pathname === '/' ? html(name) : readFile(join(application, 'dist', pathname));
    Promise.resolve(file).then(
      (body) => response.end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext({ locale: 'en-US' });
  onTestFinished(async () => {
    await context.close();
    await new Promise((resolve) => server.close(resolve));
  });
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'app' in globalThis && 'render' in globalThis);
  return { page, complaints };
}

type PageWindow = typeof globalThis & {
  app: { chosen: unknown[]; say(text: string): void; mounts(): number };
  render(lines: number, place: string): void;
};

const says = (page: Page, message: RoomMessage) =>
  page.evaluate((text) => (globalThis as PageWindow).app.say(text), JSON.stringify(message));
const reads = (page: Page) =>
  expect.poll(
    async () =>
      (await page.locator('booth-captions .line').allTextContents()).map((line) => line.trim()).filter(Boolean),
    PATIENCE,
  );
const asked = (page: Page) => page.evaluate(() => (globalThis as PageWindow).app.chosen);
const render = (page: Page, lines: number, place: string) =>
  page.evaluate(([n, where]) => (globalThis as PageWindow).render(n, where), [lines, place] as const);

it('compiles with the types of React, and is bundled by webpack without a warning', async () => {
  expect(await findings(tsc, '--project', application)).toBe('');
  expect((await inApplication('bundle.js')).trim()).toBe('');
});

describe.each(['react', 'vue'] as const)('in a page of %s', (name) => {
  it('captions are read once and asked for once, however often they are rendered and moved', async () => {
    const { page, complaints } = await opened(name);
    await says(page, caption('one', { stable: 'Uno.', start: 1000 }));
    await reads(page).toEqual(['Uno.']);
    const mounts = await page.evaluate(() => (globalThis as PageWindow).app.mounts());
    expect(mounts).toBe(name === 'react' ? 2 : 1);

    const element = await page.locator('booth-captions').elementHandle();
    for (let lines = 2; lines < 6; lines++) await render(page, lines, 'first');
    await expect
      .poll(() => element?.evaluate((captions) => (captions as HTMLElement & { lines: number }).lines))
      .toBe(5);
    await says(page, caption('two', { stable: 'Dos.', start: 2000 }));
    await reads(page).toEqual(['Uno.', 'Dos.']);

    // React makes another element, Vue moves this one.
    await render(page, 5, 'second');
    await page.locator('#second booth-captions').waitFor();
    await says(page, caption('three', { stable: 'Tres.', start: 3000 }));
    await reads(page).toEqual(['Uno.', 'Dos.', 'Tres.']);

    // A page that moves what a framework has rendered.
    await page.evaluate(() => {
      const captions = document.querySelector('booth-captions');
      const home = captions?.parentElement;
      for (const place of [document.body, home]) if (captions) place?.append(captions);
    });
    await says(page, caption('four', { stable: 'Cuatro.', start: 4000 }));
    await reads(page).toEqual(['Uno.', 'Dos.', 'Tres.', 'Cuatro.']);
    expect(await asked(page)).toEqual([{ hears: 'original', reads: ['es'] }]);
    expect(complaints).toEqual([]);
  });
});

it('vue-tsc takes what templates may say, and refuses what they may not', async () => {
  const places = { 'Right.vue': 'top', 'Wrong.vue': 'left' };
  for (const [file, place] of Object.entries(places)) writeFileSync(join(application, file), template(place));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    module: 'ESNext',
    moduleResolution: 'bundler',
  };
  const project = {
    compilerOptions: { ...compilerOptions, skipLibCheck: true },
    files: Object.keys(places),
    vueCompilerOptions: { strictTemplates: true },
  };
  writeFileSync(join(application, 'tsconfig.vue.json'), JSON.stringify(project));
  const found = await findings('node_modules/vue-tsc/bin/vue-tsc.js', '--project', 'tsconfig.vue.json');
  expect(found.match(/^\S.*error TS.*$/gm)).toEqual([expect.stringMatching(/^Wrong\.vue.*"left"/)]);
});
