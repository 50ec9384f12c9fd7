/** What an interpreter does, and what people are told, when a budget is near its end or used up. Pure. */
import type { InterpretationState } from '../../protocol/room-messages.ts';
import type { BudgetNotice } from '../../protocol/usage.ts';
import type { Demand, WantedInterpretation } from './demand.ts';

/** What may still be had of what is wanted: without voices, or nothing at all. */
export function affordable(
  demand: Demand,
  notice: BudgetNotice | undefined,
): Demand & { overBudget: WantedInterpretation[] } {
  const { wanted } = demand;
  if (notice?.restraint === 'stop') return { ...demand, wanted: [], overBudget: wanted };
  const silent = notice?.restraint === 'captions';
  return { ...demand, wanted: silent ? wanted.map((one) => ({ ...one, audio: false })) : wanted, overBudget: [] };
}

/** Whether what is shown may be looked at. */
export const affordsPictures = (notice: BudgetNotice | undefined): boolean => (notice?.restraint ?? 'none') === 'none';

export interface ReportedState {
  state: InterpretationState;
  message: string | undefined;
}

/** A state, as people are told of it, with what the budget makes of it. */
export function restrainedState({ state, message }: ReportedState, notice: BudgetNotice | undefined): ReportedState {
  if (!notice || state === 'unavailable') return { state, message };
  if (notice.restraint === 'stop') return { state: 'overBudget', message: notice.message };
  return { state, message: message === undefined ? notice.message : `${message} ${notice.message}` };
}
