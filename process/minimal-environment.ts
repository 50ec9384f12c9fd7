/**
 * The environment of a child process: what programs need of a system to run at all, and nothing that is a secret. A variable that is not
 * listed here does not reach a child, so one that is set for this process alone stays with it.
 */

const names: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'BOOTH_LIBOPUS',
  'LD_LIBRARY_PATH',
  'NODE_EXTRA_CA_CERTS',
  'NODE_OPTIONS',
  'NODE_V8_COVERAGE',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
]);

/**
 * @param also the names of further variables that the child needs
 *
 * @example
 * fork(module, [], { env: minimalEnvironment(process.env, ['BOOTH_CACHE_DIR']) });
 */
export function minimalEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  also: readonly string[] = [],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && (names.has(name) || name.startsWith('LC_') || also.includes(name)) ? [[name, value]] : [],
    ),
  );
}
