/** Restrains an interpreter when a budget is nearly or entirely used up, and reports it to people. Pure. */
import type { BudgetNotice, InterpretationState, StatusReason } from '@mediasoup-booth/protocol';
import type { Demand, WantedInterpretation } from './demand.ts';

/** The part of the demand that the budget still allows: all, captions without voices, or nothing. */
export function affordable(
  demand: Demand,
  notice: BudgetNotice | undefined,
): Demand & { overBudget: WantedInterpretation[] } {
  const { wanted } = demand;
  if (notice?.restraint === 'stop') return { ...demand, wanted: [], overBudget: wanted };
  const captionsOnly = notice?.restraint === 'captions';
  return { ...demand, wanted: captionsOnly ? wanted.map((one) => ({ ...one, audio: false })) : wanted, overBudget: [] };
}

/** Whether the budget allows sessions to be shown pictures. */
export const affordsPictures = (notice: BudgetNotice | undefined): boolean => (notice?.restraint ?? 'none') === 'none';

export interface ReportedState {
  state: InterpretationState;
  message?: string | undefined;
  /** What `message` says, as a code. */
  reason?: StatusReason | undefined;
}

/** The state that is reported to people: `overBudget` where the budget stops the interpreter; else the state itself, with the notice added. */
export function restrainedState(reported: ReportedState, notice: BudgetNotice | undefined): ReportedState {
  const { state, message } = reported;
  if (!notice || state === 'unavailable') return reported;
  if (notice.restraint === 'stop') return { state: 'overBudget', message: notice.message };
  return { ...reported, message: message === undefined ? notice.message : `${message} ${notice.message}` };
}
