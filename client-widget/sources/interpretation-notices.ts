/** Notices about the state of an interpretation, for its readers and listeners. No timers, no sockets. */
import type { InterpretationState } from '@mediasoup-booth/protocol';
import type { WidgetText } from '../i18n/translate.ts';

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
