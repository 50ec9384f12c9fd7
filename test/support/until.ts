/**
 * Waits for something that a test is not notified of, looking every 5 ms. The limit is no expectation: it is far above what the
 * slowest machine takes, so that a test which fails says what never came.
 * @throws after `limitMs`, with what it waited for
 */
export async function until(holds: () => boolean, limitMs = 60_000): Promise<void> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
