/**
 * What the frames of a page cost: the processor time of its main thread from one frame to the next, out of Chromium's own
 * trace. A clock on the wall would also count what other programs, or other computers on the same machine, take meanwhile.
 */
import type { Browser, Page } from 'playwright-core';

/** An event of the trace, with microseconds. */
interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  ts: number;
  /** Of a task: its time on the processor. */
  tdur?: number;
  args?: { name?: string };
}

export interface Frames {
  frames: number;
  /** How many cost more than 50 ms, so that the next ones were dropped. */
  costly: number;
  /** Of the frame that cost most. */
  mostMs: number;
  /** The longest time between two, on the wall's clock: it depends on all that the computer does. */
  longestMs: number;
  /** Of all frames, of the time that they were watched: from 0 to 1. */
  busy: number;
}

const COSTLY_MS = 50;
const TASK = 'RunTask';
const FRAME = 'BeginMainThreadFrame';
const CATEGORIES = ['-*', 'disabled-by-default-devtools.timeline', 'disabled-by-default-devtools.timeline.frame'];

/** @returns what ends it and tells */
export async function watchFrames(browser: Browser, page: Page): Promise<() => Promise<Frames>> {
  await browser.startTracing(page, { categories: CATEGORIES });
  return async () => framesIn(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
}

function framesIn(events: readonly TraceEvent[]): Frames {
  const pages = [...threads(events).values()].map(costsOf);
  return pages.reduce((most, one) => (one.frames > most.frames ? one : most));
}

/** The tasks and frames of each page's main thread, in their order. */
function threads(events: readonly TraceEvent[]): Map<string, TraceEvent[]> {
  const key = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args?.name === 'CrRendererMain';
  const byThread = new Map(events.filter(isMain).map((event) => [key(event), [] as TraceEvent[]]));
  for (const event of events) if (event.name === TASK || event.name === FRAME) byThread.get(key(event))?.push(event);
  for (const thread of byThread.values()) thread.sort((a, b) => a.ts - b.ts);
  return byThread;
}

/** Of one page. */
function costsOf(events: readonly TraceEvent[]): Frames {
  const costs: number[] = [];
  const at = events.filter(({ name }) => name === FRAME).map(({ ts }) => ts / 1000);
  let ms = 0;
  for (const { name, tdur = 0 } of events) {
    if (name === TASK) ms += tdur / 1000;
    else {
      costs.push(ms);
      ms = 0;
    }
  }
  return {
    frames: costs.length,
    costly: costs.filter((cost) => cost > COSTLY_MS).length,
    mostMs: Math.max(0, ...costs),
    longestMs: Math.max(0, ...at.map((ms, i) => ms - (at[i - 1] ?? ms))),
    busy: costs.reduce((sum, cost) => sum + cost, 0) / ((at.at(-1) ?? 0) - (at[0] ?? 0)),
  };
}
