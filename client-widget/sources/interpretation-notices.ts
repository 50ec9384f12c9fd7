/** Notices about the state of an interpretation, for its readers and listeners. No timers, no sockets. */
import type { InterpretationState, StatusMessage, StatusReason } from '@mediasoup-booth/protocol';
import type { WidgetText } from '../i18n/translate.ts';
import type { ErrorReason } from '../media/error-reason.ts';

interface InterpretationNotice {
  /** `trouble`: somebody has to act; `waiting`: it comes by itself; `behind`: the translation is late. */
  kind: 'trouble' | 'waiting' | 'behind';
  text: WidgetText;
  /** How long a status message is believed when no other one follows. */
  forMs: number;
}

/** A state that is not listed means nothing to a reader. */
export const interpretationNotices: Partial<Record<InterpretationState, InterpretationNotice>> = {
  translating: { kind: 'behind', text: 'Still translating …', forMs: 20_000 },
  waiting: { kind: 'waiting', text: 'Waiting for the interpreter …', forMs: 120_000 },
  reconnecting: { kind: 'waiting', text: 'Interpreter is reconnecting …', forMs: 120_000 },
  overBudget: { kind: 'trouble', text: 'Interpretation is paused: over budget.', forMs: 600_000 },
  unavailable: { kind: 'trouble', text: 'Interpretation is not available.', forMs: 600_000 },
};

/** Why an interpretation is not as it should be, in words for who listens or reads. */
const reasonTexts: Record<StatusReason, WidgetText> = {
  serviceRefused: 'Interpretation is not available.',
  serviceFailed: 'Interpreter is reconnecting …',
  connectionLimit: 'Waiting for the interpreter …',
  behind: 'The interpreter is behind.',
  speechLost: 'Some speech was lost.',
  microphoneLost: 'The interpreter does not hear this speaker.',
  captionsOnly: 'Captions only.',
  busy: 'Waiting for the interpreter …',
  notTranslated: 'This language is not translated into yours.',
  ended: 'Interpretation has ended.',
};

/** What these say in English is for the operator. */
const forOperators: readonly StatusReason[] = ['serviceRefused', 'serviceFailed', 'connectionLimit'];

/** What a reader or listener is told of a status; undefined: it says nothing more than its state. */
export function explanationOf({
  state,
  message,
  reason,
}: Pick<StatusMessage, 'state' | 'message' | 'reason'>): ErrorReason | undefined {
  if (message === undefined) return undefined;
  const code = (reason && reasonTexts[reason]) ?? interpretationNotices[state]?.text ?? '';
  return { code, message: reason && forOperators.includes(reason) ? code : message };
}
