/** How the server is doing, in one answer, for the page of whoever runs it [admin]. */
import { type EngineView, type LoggedProblem, Overview, type RoomOverview } from '@mediasoup-booth/protocol';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { Room } from '../room/room.ts';
import { type HealthDeps, readiness } from './health.ts';
import { json, type Route, route } from './route.ts';

export interface OverviewDeps extends Pick<HealthDeps, 'rooms' | 'workers' | 'directory' | 'webhooks'> {
  usage: UsageAccounting;
  engine: EngineView;
  /** The problems that the log has told of last. Default: none are remembered. */
  problems?: { readonly all: LoggedProblem[] } | undefined;
  /** Milliseconds since 1970. */
  wallNow(): number;
}

export function overviewRoute({
  rooms,
  workers,
  directory,
  webhooks,
  usage,
  engine,
  problems,
  wallNow,
}: OverviewDeps): Route {
  const started = new Date(wallNow()).toISOString();
  return route({
    method: 'get',
    path: '/v1/overview',
    summary: 'How the server is doing: rooms, interpreters, costs, webhooks, and the last problems',
    grants: ['admin'],
    answers: { 200: Overview },
    handle() {
      const { rooms: used, ...total } = usage.accountUsage();
      const usedBy = new Map(used.map(({ room, ...amounts }) => [room, amounts]));
      const nothing = { tokens: 0, ...(total.total.money !== undefined && { money: 0 }) };
      const { level, budget } = usage.accountBudget;
      return json(200, {
        version: packageJson.version,
        started,
        readiness: readiness({ workers, rooms, directory }),
        engine,
        rooms: rooms.all.map((room) => roomOverview(room, usedBy.get(room.name) ?? nothing)),
        usage: total,
        budget: {
          level,
          ...(budget?.money !== undefined && { money: budget.money }),
          ...(budget?.tokens !== undefined && { tokens: budget.tokens }),
          ...(budget && { onExceeded: budget.onExceeded }),
        },
        webhooks: webhooks.views,
        problems: problems?.all ?? [],
      });
    },
  });
}

function roomOverview(room: Room, used: RoomOverview['used']): RoomOverview {
  const { name, participantCount, interpreterCount, readerCount, clock, interpreter } = room;
  return {
    name,
    people: participantCount - interpreterCount,
    readers: readerCount,
    clock,
    interpretation: interpreter.interpretation,
    ...(interpreter.view && { interpreter: interpreter.view }),
    used,
  };
}
