/** Waits for what a test cannot be told of. @throws after `limitMs`, with what it waited for */
export async function until(holds: () => boolean, limitMs = 10_000): Promise<void> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
