/** `GET /v1/overview` (admin): how the server is doing, for the page of whoever runs it. */
import { z } from 'zod';
import { AccountUsage, InterpreterView, Readiness } from './rest.ts';
import { EngineView, InterpretationView, RoomName } from './rooms.ts';
import { OnBudgetExceeded } from './usage.ts';
import { WebhookEndpointView } from './webhooks.ts';

/** A line of the log that tells of a problem. */
export const LoggedProblem = z.object({
  at: z.iso.datetime(),
  level: z.enum(['warn', 'error']),
  message: z.string(),
  /** What the error said that was logged with it. */
  detail: z.string().optional(),
  room: z.string().optional(),
});
export type LoggedProblem = z.infer<typeof LoggedProblem>;

export const RoomOverview = z.object({
  name: RoomName,
  /** Without interpreters. */
  people: z.number().int(),
  /** How many read captions over HTTP. */
  readers: z.number().int(),
  /** Milliseconds since the room was opened. */
  clock: z.number(),
  /** As everybody in the room sees it. */
  interpretation: InterpretationView,
  /** The interpreter that the server has launched; absent: none. */
  interpreter: InterpreterView.optional(),
  /** What the room has used today. */
  used: z.object({ tokens: z.number(), money: z.number().optional() }),
});
export type RoomOverview = z.infer<typeof RoomOverview>;

export const Overview = z.object({
  version: z.string(),
  started: z.iso.datetime(),
  readiness: Readiness,
  engine: EngineView,
  rooms: z.array(RoomOverview),
  /** Of all rooms, today (UTC). */
  usage: AccountUsage.omit({ rooms: true }),
  /** The account's, for today. No limit: neither money nor tokens. */
  budget: z.object({
    level: z.enum(['within', 'near', 'reached']),
    money: z.number().optional(),
    tokens: z.number().optional(),
    onExceeded: OnBudgetExceeded.optional(),
  }),
  webhooks: z.array(WebhookEndpointView),
  /** The last 50, the newest first. */
  problems: z.array(LoggedProblem),
});
export type Overview = z.infer<typeof Overview>;
