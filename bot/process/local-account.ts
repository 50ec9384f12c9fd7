/** The account of an engine, for all rooms that are interpreted with it in this process: its connections, its budget, and whether it can be used. */
import type { BudgetNotice } from '@mediasoup-booth/protocol';
import { BoundedSet } from '../../collections/bounded-map.ts';
import { systemClock } from '../../time/clock.ts';
import type { Engine } from '../engine.ts';
import type { BoothSettings } from '../in-process/booth-settings.ts';
import { type RoomConnectionLimiter, ThreadAccount } from '../in-process/thread-account.ts';
import { tryService } from '../session/livetranslate/try-service.ts';
import type { UsageReport } from '../usage/usage-recorder.ts';
import { SharedEngineTrial } from './shared-engine-trial.ts';

/** More reports than those that rooms have not confirmed. */
const MAX_COUNTED = 1024;

/** It is opened with its first use: a room with a limiter and a budget of its own needs none. */
export interface LocalAccount {
  readonly notice: BudgetNotice | undefined;
  /** Absent: an engine on this computer, which has answered when it was started. */
  readonly engineTrial: SharedEngineTrial | undefined;
  limiter(): RoomConnectionLimiter;
  /** Counts a report, once however often it is sent. */
  count(room: string, report: UsageReport): void;
  /** Calls `listener` when `notice` has changed; the returned function ends that. */
  onNoticeChanged(listener: () => void): () => void;
}

const accounts = new WeakMap<Engine, LocalAccount>();

/** The account of the engine in these settings; the settings of the first who asks hold. */
export function localAccount({ engine, thread, log }: BoothSettings): LocalAccount {
  const known = accounts.get(engine);
  if (known) return known;
  const listeners = new Set<() => void>();
  const counted = new BoundedSet<string>(MAX_COUNTED);
  let opened: ThreadAccount | undefined;
  const open = () =>
    (opened ??= new ThreadAccount({
      setup: { ...thread, earlier: { usage: [], connections: [] } },
      send() {},
      onNoticeChanged() {
        for (const listener of listeners) listener();
      },
      log,
    }));
  const local: LocalAccount = {
    get notice() {
      return opened?.notice;
    },
    engineTrial:
      thread.engine.key === undefined
        ? undefined
        : new SharedEngineTrial({
            attempt: () => tryService({ ...thread.engine, clock: systemClock }),
            limiter: () => open().limiter(),
            clock: systemClock,
          }),
    limiter: () => openedWithUse(() => open().limiter()),
    count(room, { reporter, number, entries }) {
      const key = `${reporter}:${number}`;
      if (counted.has(key)) return;
      counted.add(key);
      open().report(0, room, entries);
    },
    onNoticeChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  accounts.set(engine, local);
  return local;
}

function openedWithUse(open: () => RoomConnectionLimiter): RoomConnectionLimiter {
  let opened: RoomConnectionLimiter | undefined;
  const limiter = () => (opened ??= open());
  return {
    reserve: (onWaitChanged) => limiter().reserve(onWaitChanged),
    tokensUsed: (tokens) => limiter().tokensUsed(tokens),
    throttled: () => limiter().throttled(),
    close: () => opened?.close(),
  };
}
