/** What axe finds wrong with a page as it stands, shadow trees included: one line for each finding, none when all is well. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export async function findings(page: Page): Promise<string[]> {
  // Over the debugger, which no Content-Security-Policy of the page's concerns.
  await page.evaluate(await readFile(axePath, 'utf8'));
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}
