import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { endsWithThisProcess, endWithParent } from './process/parent-watchdog.mjs';

/** The seed of all random choices in tests, so that a run can be repeated: see `test/support/seed.ts`. */
process.env.BOOTH_TEST_SEED ??= String(Math.floor(Math.random() * 2 ** 31));
/** What every test file begins with. */
export const setupFiles = ['end-with-parent.ts', 'seed.ts'].map((file) =>
  join(import.meta.dirname, 'test/support', file),
);
endWithParent();

/**
 * `unit` has no sockets and no processes; `integration` has a real worker and engine; `browser` has Chromium too; `long` takes minutes.
 * Limits of time are far above what a test takes: they end what hangs, and expect nothing of the machine.
 */
export default defineConfig({
  test: {
    // `test/support/end-with-parent.ts` ends a worker, which is a process of its own, where this process is killed.
    pool: 'forks',
    env: endsWithThisProcess(),
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          setupFiles,
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          setupFiles,
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          setupFiles,
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          setupFiles,
          include: ['test/long/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
