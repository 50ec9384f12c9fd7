/**
 * Connects to the service once, before anybody speaks: whether the key, the model and the address are right is known then, and not in the
 * middle of a meeting. Nothing is sent, so that it costs one of the account's connections and no token.
 */
import type { TranslationError } from '../translation-session.ts';
import { type LiveTranslateOptions, serviceOf } from './connect.ts';
import { readFrame } from './server-frame.ts';
import { errorFromEnding, errorFromFrame, timedOut } from './vendor-errors.ts';

const ANSWER_WITHIN_MS = 10_000;

/**
 * Resolves when the service has greeted, or with why it does not.
 *
 * @throws {TranslationError} of class `config` for a malformed URL or key
 */
export function tryService(options: Omit<LiveTranslateOptions, 'log'>): Promise<TranslationError | undefined> {
  const { dial, endpoint } = serviceOf(options);
  return new Promise((resolve) => {
    const socket = dial({
      opened() {},
      received(json) {
        const frame = readFrame(json);
        if (frame?.type === 'error') answer(errorFromFrame(frame.error ?? {}, endpoint));
        else if (frame) answer(undefined);
      },
      receivedBinary() {},
      drained() {},
      ended: (ending) => answer(errorFromEnding(ending, endpoint)),
    });
    const answer = (error: TranslationError | undefined): void => {
      cancel();
      resolve(error);
      socket.terminate();
    };
    const cancel = options.clock.after(ANSWER_WITHIN_MS, () =>
      answer(timedOut('did not answer within 10 s', endpoint)),
    );
  });
}
