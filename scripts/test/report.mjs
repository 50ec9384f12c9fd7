/** Counts and failures of a test run, from vitest's JSON report. Pure. */

/**
 * The part of vitest's JSON report that is read here.
 * @typedef {{ status: string, fullName: string, failureMessages?: readonly string[] | null }} TestReport
 * @typedef {{ name: string, status: string, message?: string, assertionResults: readonly TestReport[] }} FileReport
 * @typedef {{ testResults: readonly FileReport[] }} Report
 */

/** A failed test, and the first line of its error. */
/** @typedef {{ file: string, test: string, why: string }} Failure */

/**
 * A file that could not be loaded counts as a test that failed.
 * @returns {Failure[]}
 */
export function failuresIn(/** @type {readonly FileReport[]} */ files) {
  return files.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((assertion) => assertion.status === 'failed');
    if (failed.length === 0 && status === 'failed')
      return [{ file: name, test: '(the file itself)', why: firstLine(message) }];
    return failed.map(({ fullName, failureMessages }) => ({
      file: name,
      test: fullName,
      why: firstLine(failureMessages?.[0]),
    }));
  });
}

/** `12 passed, 0 failed, 1 skipped`, as other programs that read the output expect it. */
export function countsOf(/** @type {readonly FileReport[]} */ files) {
  const all = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const passed = all.filter((status) => status === 'passed').length;
  const skipped = all.filter((status) => ['pending', 'skipped', 'todo', 'disabled'].includes(status)).length;
  const counts = [`${passed} passed`, `${failuresIn(files).length} failed`];
  return [...counts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
}

function firstLine(/** @type {string | undefined} */ text) {
  return (text ?? '').trim().split('\n', 1)[0] ?? '';
}
