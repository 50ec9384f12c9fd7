/**
 * Reads CPU profiles of V8 and sums up where the time went, by part of the house: the folder of the source file, what is native counted
 * with whoever called it. What was idle is left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository } from '../../../scripts/places.mjs';

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

interface CpuProfile {
  nodes: ProfileNode[];
  /** Microseconds of the computer's monotonic clock, as `process.hrtime` has it in every process. */
  startTime: number;
  samples: number[];
  /** Microseconds from one sample to the next. */
  timeDeltas: number[];
}

/** Microseconds of the monotonic clock. */
export interface ProfileWindow {
  from: number;
  to: number;
}

export interface ProfileShares {
  /** The time in which something ran, as a share of the window; undefined where no sample was taken. */
  busy: number | undefined;
  /** Shares of that time. */
  parts: [part: string, share: number][];
  functions: [where: string, share: number][];
}

export const monotonicMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n);

/** The profiles in a folder of these processes, within a time: one for each thread that did something. */
export function profileShares(folder: string, pids: readonly number[], window: ProfileWindow): ProfileShares[] {
  const files = readdirSync(folder).filter((name) => pids.some((pid) => name.includes(`.${pid}.`)));
  return files
    .map((file) => sharesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile, window))
    .filter(({ busy = 0 }) => busy >= MIN_BUSY);
}

export function sharesOf(profile: CpuProfile, { from, to }: ProfileWindow): ProfileShares {
  const callerOf = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const [byPart, byFunction] = [new Map<string, number>(), new Map<string, number>()];
  let [at, all, busy] = [profile.startTime, 0, 0];
  profile.samples.forEach((id, i) => {
    const took = profile.timeDeltas[i] ?? 0;
    at += took;
    const node = nodes.get(id);
    if (!node || at < from || at > to) return;
    all += took;
    if (node.callFrame.functionName === '(idle)') return;
    busy += took;
    const callers = [...callersOf(node, nodes, callerOf)];
    add(byPart, partOf(callers), took);
    add(byFunction, functionOf(callers), took);
  });
  const shares = (times: ReadonlyMap<string, number>): [string, number][] =>
    [...times].map(([name, time]): [string, number] => [name, time / busy]).sort(([, a], [, b]) => b - a);
  return { busy: all > 0 ? busy / all : undefined, parts: shares(byPart), functions: shares(byFunction) };
}

/** As a table, the larger shares alone. */
export function profileTable({ busy, parts, functions }: ProfileShares): string {
  const percent = (share: number) => `${(share * 100).toFixed(1).padStart(5)} %`;
  const rows = (some: ProfileShares['parts']) => some.map(([name, share]) => `  ${percent(share)}  ${name}`);
  return [
    `busy ${percent(busy ?? 0)} of a core in this thread, of which`,
    ...rows(parts.filter(([, share]) => share >= MIN_SHARE)),
    'by function:',
    ...rows(functions.slice(0, FUNCTIONS_SHOWN)),
  ].join('\n');
}

const BUNDLED = /^\/\/ \S+\/\S+\.[jt]s$/;
/** So much tells `bot/incoming/silero` from the rest of `bot/incoming`. */
const MAX_FOLDERS = 3;
const MIN_BUSY = 0.01;
const MIN_SHARE = 0.002;
const FUNCTIONS_SHOWN = 40;

/** The node itself first, then whoever called it. */
function* callersOf(
  node: ProfileNode,
  nodes: ReadonlyMap<number, ProfileNode>,
  callerOf: ReadonlyMap<number, number>,
): Generator<ProfileNode> {
  for (let one: ProfileNode | undefined = node; one; one = nodes.get(callerOf.get(one.id) ?? 0)) yield one;
}

function partOf(callers: readonly ProfileNode[]): string {
  const [node] = callers;
  if (!node) return 'unknown';
  const { functionName } = node.callFrame;
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)') return 'native, of no function';
  for (const caller of callers) {
    const part = partOfFile(caller.callFrame);
    if (part !== undefined) return part === 'opus' ? (codecPart(callers) ?? part) : part;
  }
  return `node: ${firstUrl(callers)}`;
}

/** Opus in WASM: who called it says what it does. */
function codecPart(callers: readonly ProfileNode[]): string | undefined {
  for (const { callFrame } of callers) {
    if (!callFrame.url.includes('libopus-wasm') && !callFrame.url.endsWith('opus-codec.ts')) continue;
    if (/encode/i.test(callFrame.functionName)) return 'opus: encode';
    if (/decode|conceal/i.test(callFrame.functionName)) return 'opus: decode';
  }
  return undefined;
}

/** @returns undefined for what is Node's own or native: that counts with whoever called it */
function partOfFile({ url, lineNumber }: ProfileNode['callFrame']): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  const path = fileURLToPath(url);
  const [, inPackage] = path.split(/.*\/node_modules\//);
  if (inPackage === undefined) {
    if (!path.startsWith(repository)) return path;
    const folders = path
      .slice(repository.length + 1)
      .split('/')
      .slice(0, -1);
    return folders.slice(0, MAX_FOLDERS).join('/') || '.';
  }
  if (inPackage.startsWith('libopus-wasm')) return 'opus';
  if (inPackage.startsWith('werift/')) return `werift: ${weriftPart(bundledFile(path, lineNumber))}`;
  return inPackage
    .split('/')
    .slice(0, inPackage.startsWith('@') ? 2 : 1)
    .join('/');
}

/** As `../rtp/src/srtp/session.ts` is of `srtp`. */
function weriftPart(file: string): string {
  if (file.includes('/srtp/')) return 'srtp';
  return /^\.\.\/([\w-]+)\//.exec(file)?.[1] ?? 'webrtc';
}

const bundles = new Map<string, [line: number, file: string][]>();

/** The file from which a line of a bundle comes: bundlers write its path as a comment before it. */
function bundledFile(path: string, line: number): string {
  let files = bundles.get(path);
  if (!files) {
    const lines = readFileSync(path, 'utf8').split('\n');
    files = lines.flatMap((text, i): [number, string][] => (BUNDLED.test(text) ? [[i, text.slice('// '.length)]] : []));
    bundles.set(path, files);
  }
  return files.findLast(([start]) => start <= line)?.[1] ?? '';
}

function functionOf(callers: readonly ProfileNode[]): string {
  const [node] = callers;
  const { functionName = '', url = '', lineNumber = 0 } = node?.callFrame ?? {};
  if (url !== '' && !url.startsWith('wasm:')) {
    const file = url.startsWith('file:') ? fileURLToPath(url).replace(`${repository}/`, '') : url;
    return `${functionName || '(anonymous)'}  ${file}:${lineNumber + 1}`;
  }
  const [, ...others] = callers;
  const caller = others.find(({ callFrame }) => callFrame.url !== '' && !callFrame.url.startsWith('wasm:'));
  const name = url.startsWith('wasm:') ? 'wasm' : functionName;
  return caller ? `${name}, called by ${functionOf([caller])}` : name;
}

const firstUrl = (callers: readonly ProfileNode[]): string =>
  callers.map(({ callFrame }) => callFrame.url.replace('node:', '')).find((url) => url !== '') ?? 'native';

const add = (times: Map<string, number>, name: string, time: number): void =>
  void times.set(name, (times.get(name) ?? 0) + time);
