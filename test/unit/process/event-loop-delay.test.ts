import { expect, it } from 'vitest';
import { EventLoopDelay } from '../../../process/event-loop-delay.ts';
import { until } from '../../support/until.ts';

const BLOCKED_MS = 300;
const WINDOW_MS = 4000;

function block(): void {
  const end = performance.now() + BLOCKED_MS;
  while (performance.now() < end);
}

it('tells a loop that was blocked, to everybody who asks within two windows, and forgets it then', async () => {
  const delay = new EventLoopDelay(0);
  // The first turn is what the second is measured from.
  await new Promise((resolve) => setTimeout(resolve, 50));
  block();
  await until(() => delay.p99Ms(0) >= BLOCKED_MS / 2);
  const whatWas = delay.p99Ms(WINDOW_MS);
  expect(whatWas).toBeGreaterThanOrEqual(BLOCKED_MS / 2);
  expect(delay.p99Ms(WINDOW_MS + 1)).toBe(whatWas);
  expect(delay.p99Ms(2 * WINDOW_MS)).toBe(whatWas);
  expect(delay.p99Ms(2 * WINDOW_MS + 1)).toBeLessThan(BLOCKED_MS / 2);
});
