import { describe, expect, it } from 'vitest';
import { SharedEngineTrial } from '../../../../bot/process/shared-engine-trial.ts';
import { TranslationError } from '../../../../bot/session/translation-session.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { until } from '../../../support/until.ts';

const refused = new TranslationError('account', 'key', 'refused');

/** An engine that answers an attempt when the test says so. */
function shared() {
  const clock = new FakeClock();
  const attempts: PromiseWithResolvers<TranslationError | undefined>[] = [];
  let openLimiters = 0;
  const trial = new SharedEngineTrial({
    attempt: () => {
      const attempt = Promise.withResolvers<TranslationError | undefined>();
      attempts.push(attempt);
      return attempt.promise;
    },
    limiter: () => {
      openLimiters++;
      return { reserve: async () => 0, close: () => void openLimiters-- };
    },
    clock,
  });
  const attempted = async (count: number) => {
    await until(() => {
      if (clock.pending > 0) clock.advance(0);
      return attempts.length === count;
    });
  };
  return { clock, trial, attempts, attempted, openLimiters: () => openLimiters };
}

describe('the trial of an engine that several rooms share', () => {
  it('is one, whose end all are told, and is not made again of an engine that answered', async () => {
    const { trial, attempts, attempted, openLimiters } = shared();
    const told: string[] = [];
    trial.onTried(() => told.push(`ann: ${trial.problem}`));
    const stop = trial.onTried(() => told.push(`bea: ${trial.problem}`));
    const leave = [trial.enter(), trial.enter()];
    trial.begin();
    trial.begin();
    await attempted(1);
    attempts[0]?.resolve(undefined);
    await until(() => openLimiters() === 0);
    expect(told).toEqual(['ann: undefined', 'bea: undefined']);
    stop();
    for (const each of leave) each();
    trial.enter();
    trial.begin();
    expect({ attempts: attempts.length, limiters: openLimiters() }).toEqual({ attempts: 1, limiters: 0 });
  });

  it('goes on for as long as somebody uses the engine, and what is known is kept for who comes later', async () => {
    const { clock, trial, attempts, attempted, openLimiters } = shared();
    const leave = [trial.enter(), trial.enter()];
    trial.begin();
    await attempted(1);
    attempts[0]?.resolve(refused);
    await until(() => trial.problem === 'refused' && clock.pending === 1);
    leave[0]?.();
    expect(clock.pending).toBe(1);
    leave[1]?.();
    await until(() => openLimiters() === 0);
    expect({ problem: trial.problem, pending: clock.pending }).toEqual({ problem: 'refused', pending: 0 });
    trial.enter();
    trial.begin();
    await attempted(2);
    attempts[1]?.resolve(undefined);
    await until(() => trial.problem === undefined);
  });

  it('begins anew at once when the one before was ended a moment ago, and not where nobody is left', async () => {
    const { trial, attempts, attempted, openLimiters } = shared();
    const leave = trial.enter();
    trial.begin();
    await attempted(1);
    leave();
    trial.begin();
    expect(openLimiters()).toBe(1);
    trial.enter();
    trial.begin();
    await attempted(2);
    attempts[0]?.resolve(refused);
    attempts[1]?.resolve(undefined);
    await until(() => openLimiters() === 0);
    expect(trial.problem).toBeUndefined();
  });
});
