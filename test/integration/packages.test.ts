/**
 * The packages as strangers get them: built, packed, installed into empty folders outside of the repository, imported on both long-term
 * versions of Node, and read by TypeScript.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npm } from '../../engine/setup/npm.mjs';
import { cacheDir } from '../../engine/setup/places.mjs';
import { run } from '../../engine/setup/run.mjs';
import { type BuiltPackage, buildPackages } from '../../scripts/packages/build.mjs';
import { checkPackage } from '../../scripts/packages/check.mjs';
import { repository } from '../../scripts/places.mjs';
import { INSTALL_MS, installPackages, makeApplication } from '../support/installed-packages.ts';
import { node24 } from '../support/node-24.ts';

const STEP_MS = INSTALL_MS;
const tsc = join(repository, 'node_modules/typescript/bin/tsc');
const root = mkdtempSync(join(tmpdir(), 'booth-packages-'));
const nodes: { name: string; path: string }[] = [];
let built: BuiltPackage[] = [];

beforeAll(async () => {
  nodes.push({ name: 'Node 22', path: process.execPath }, { name: 'Node 24', path: await node24() });
  built = await buildPackages(join(root, 'built'));
}, STEP_MS);

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder in which somebody has installed some of the packages, and others from the registry. */
async function installed(name: string, ours: readonly string[], others: readonly string[] = []): Promise<string> {
  const folder = join(root, name);
  const tarballs = ours.map((one) => built.find((each) => each.name === `@mediasoup-booth/${one}`)?.tarball ?? one);
  await makeApplication(folder, [...tarballs, ...others]);
  return folder;
}

/** The packages in a folder's node_modules, with their size in kB. */
async function sizes(folder: string): Promise<Map<string, number>> {
  const modules = join(folder, 'node_modules');
  const names = readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((part) => `${name}/${part}`) : [name],
    );
  const output = await run('du', ['-sk', ...names], { cwd: modules });
  return new Map(output.split('\n').map((line) => [line.split('\t')[1] ?? '', Number(line.split('\t')[0])]));
}

/** Runs a module in a folder, on every Node. @returns what it printed, by Node */
async function runs(
  folder: string,
  module: string,
  env: NodeJS.ProcessEnv = { PATH: process.env.PATH },
): Promise<Record<string, string>> {
  writeFileSync(join(folder, 'smoke.js'), module);
  const printed: Record<string, string> = {};
  for (const { name, path } of nodes) {
    printed[name] = await run(path, ['smoke.js'], { cwd: folder, env, timeoutMs: STEP_MS });
  }
  return printed;
}

const onEveryNode = (printed: string) => Object.fromEntries(nodes.map(({ name }) => [name, printed]));

/** What TypeScript says to a file in a folder, the packages' own declarations included. */
async function typeErrors(folder: string, code: string): Promise<string> {
  writeFileSync(join(folder, 'app.ts'), code);
  const compilerOptions = {
    ...{
      strict: true,
      noEmit: true,
      target: 'ES2022',
      module: 'NodeNext',
      lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
    },
    ...{ exactOptionalPropertyTypes: true, skipLibCheck: false, types: ['node'] },
    typeRoots: [join(repository, 'node_modules/@types')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
  const failed = (error: { output?: string }) => error.output ?? String(error);
  return run(process.execPath, [tsc, '--project', folder], { timeoutMs: STEP_MS }).then(() => '', failed);
}

it('publint and attw find nothing', { timeout: STEP_MS }, async () => {
  expect((await Promise.all(built.map(checkPackage))).flat()).toEqual([]);
});

it('publint and attw look', { timeout: STEP_MS }, async () => {
  const folder = join(root, 'broken');
  mkdirSync(folder);
  const exports = { '.': { default: './index.js', types: './index.d.ts' } };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'broken', version: '1.0.0', type: 'module', exports }),
  );
  writeFileSync(join(folder, 'index.d.ts'), "export * from './missing.js';");
  await npm(['pack', '--pack-destination', root], { cwd: folder });
  const findings = await checkPackage({ name: 'broken', folder, tarball: join(root, 'broken-1.0.0.tgz') });
  expect(findings.join('\n')).toMatch(/publint: .*\n(.*\n)*.*attw: /);
});

describe('the interpreter alone', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await installed('interpreter', ['protocol', 'interpreter']);
  }, STEP_MS);

  it('is small, and brings neither a page nor a server, a log, or another mediasoup', async () => {
    const all = await sizes(folder);
    expect([...all.keys()].sort()).toEqual([
      '@echogarden/pffft-wasm',
      '@mediasoup-booth/interpreter',
      '@mediasoup-booth/protocol',
      'libopus-wasm',
      'ws',
      'zod',
    ]);
    const megabytes = [...all.values()].reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024;
    expect(megabytes).toBeLessThan(15);
  });

  it('reads messages, and refuses what is wrong', { timeout: STEP_MS }, async () => {
    const module = `
      import { RoomMessage } from '@mediasoup-booth/protocol';
      import { Booth, BoothError } from '@mediasoup-booth/interpreter';
      import { openLiveTranslate } from '@mediasoup-booth/interpreter/livetranslate';

      const ann = { id: 'ann', name: 'Ann' };
      const caption = { v: 1, seq: 1, language: 'es', speaker: ann, type: 'caption', utterance: 'u1', kind: 'translation' };
      const message = RoomMessage.parse({ ...caption, stable: 'Hola', final: true, start: 0 });
      try {
        new Booth({ engine: { url: 'none', model: 'booth-offline' } });
      } catch (error) {
        console.log(message.stable, error instanceof BoothError && error.code, typeof openLiveTranslate);
      }`;
    expect(await runs(folder, module)).toEqual(onEveryNode('Hola invalid function'));
  });

  it("interprets a room of the host's mediasoup in a thread, and closes with it", { timeout: STEP_MS }, async () => {
    symlinkSync(join(repository, 'node_modules/mediasoup'), join(folder, 'node_modules/mediasoup'));
    const module = `
      import { setTimeout as sleep } from 'node:timers/promises';
      import { createWorker } from 'mediasoup';
      import { Booth } from '@mediasoup-booth/interpreter';

      const worker = await createWorker();
      const router = await worker.createRouter({
        mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 }],
      });
      const booth = new Booth({ engine: { url: 'ws://127.0.0.1:9', model: 'booth-offline' } });
      const room = await booth.interpret(router);
      room.person('ann', { name: 'Ann', speaks: 'en' });
      while (!booth.stats().running) await sleep(20);
      const closed = new Promise((resolve) => room.on('closed', resolve));
      router.close();
      await closed;
      await booth.close();
      worker.close();
      console.log('closed');`;
    expect(await runs(folder, module)).toEqual(onEveryNode('closed'));
  });

  /** Both ends of the range of mediasoup: the newest is there already. */
  it.each(['of the repository', '3.16.0'])('has types that fit mediasoup %s', { timeout: STEP_MS }, async (version) => {
    if (version !== 'of the repository') {
      rmSync(join(folder, 'node_modules/mediasoup'));
      await installPackages(folder, [`mediasoup@${version}`]);
    }
    const app = `
      import { createWorker } from 'mediasoup';
      import type { Router } from 'mediasoup/types';
      import { Booth, type InterpretedRoom, liveTranslate } from '@mediasoup-booth/interpreter';
      import { openLiveTranslate } from '@mediasoup-booth/interpreter/livetranslate';
      import type { RoomMessage } from '@mediasoup-booth/protocol';

      const router: Router = await (await createWorker()).createRouter();
      const booth = new Booth({ engine: liveTranslate({ key: 'sk-1' }), log: console });
      export const room: InterpretedRoom = await booth.interpret(router, {
        async offer(personId, it) {
          console.log(personId.length, it.appData.booth);
          const transport = await router.createDirectTransport();
          if ('kind' in it) return transport.consume({ producerId: it.id, rtpCapabilities: router.rtpCapabilities });
          return transport.consumeData({ dataProducerId: it.id });
        },
      });
      room.on('message', (message) => show(message));
      const show = (message: RoomMessage) => console.log(message.type);
      export const open = openLiveTranslate;`;
    expect(await typeErrors(folder, app)).toBe('');
  });
});

/** Both ends of the range of mediasoup-client. */
describe.each(['3.22.0', '3.24.1'])('the werift handler and the participant, with mediasoup-client %s', (version) => {
  const folder = join(root, 'participant');
  beforeAll(async () => {
    const client = `mediasoup-client@${version}`;
    if (existsSync(folder)) await installPackages(folder, [client]);
    else await installed('participant', ['protocol', 'werift-handler', 'interpreter'], [client]);
  }, STEP_MS);

  it('make a device that can send a voice, and a transport', { timeout: STEP_MS }, async () => {
    const module = `
      import { Device } from 'mediasoup-client';
      import { weriftHandlerFactory } from '@mediasoup-booth/werift-handler';
      import { JoinError } from '@mediasoup-booth/interpreter/remote';

      const opus = { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48000, channels: 2 };
      const device = await Device.factory({ handlerFactory: weriftHandlerFactory() });
      await device.load({ routerRtpCapabilities: { codecs: [{ ...opus, parameters: {}, rtcpFeedback: [] }], headerExtensions: [] } });
      const ice = { iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true }, iceCandidates: [] };
      const dtlsParameters = { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('00').join(':') }] };
      const transport = device.createSendTransport({ id: 't', ...ice, dtlsParameters });
      console.log(device.canProduce('audio'), transport.connectionState, typeof JoinError);
      transport.close();`;
    expect(await runs(folder, module)).toEqual(onEveryNode('true new function'));
  });

  it('have types that fit it', { timeout: STEP_MS }, async () => {
    const app = `
      import { Device } from 'mediasoup-client';
      import { weriftHandlerFactory, OutgoingTrack, asMediaStreamTrack } from '@mediasoup-booth/werift-handler';
      import { joinRoom, liveTranslate, type RoomConnection, runInterpreter } from '@mediasoup-booth/interpreter/remote';

      export const device: Device = await Device.factory({ handlerFactory: weriftHandlerFactory() });
      export const join: (options: Parameters<typeof joinRoom>[0]) => Promise<RoomConnection> = joinRoom;
      export const run: Parameters<typeof runInterpreter>[0]['engine'] = liveTranslate({ key: 'sk-1' });
      export const track: MediaStreamTrack = asMediaStreamTrack(new OutgoingTrack('audio'));`;
    expect(await typeErrors(folder, app)).toBe('');
  });
});

describe('the offline engine', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await installed('engine', ['protocol', 'offline-engine']);
  }, STEP_MS);

  it('starts as a process of its own, and ends', { timeout: STEP_MS }, async () => {
    const module = `
      import { offline } from '@mediasoup-booth/offline-engine';
      import { Simulator } from '@mediasoup-booth/offline-engine/simulator';

      const engine = await offline();
      await engine.close();
      console.log(engine.model, typeof Simulator);`;
    const environment = { PATH: process.env.PATH, HOME: process.env.HOME, BOOTH_CACHE_DIR: cacheDir(process.env) };
    expect(await runs(folder, module, environment)).toEqual(onEveryNode('booth-offline function'));
  });

  it('has types', { timeout: STEP_MS }, async () => {
    const app = `
      import { offline } from '@mediasoup-booth/offline-engine';
      import { Simulator } from '@mediasoup-booth/offline-engine/simulator';
      export const [engine, simulator] = [await offline(), Simulator];`;
    expect(await typeErrors(folder, app)).toBe('');
  });
});
