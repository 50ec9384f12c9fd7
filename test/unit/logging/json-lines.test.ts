import { describe, expect, it } from 'vitest';
import { jsonLinesLogger } from '../../../logging/json-lines.ts';
import { type Logger, withFields } from '../../../logging/logger.ts';

function logAt(level: string): { log: Logger; lines: unknown[] } {
  const lines: unknown[] = [];
  return { log: jsonLinesLogger(level, { part: 'interpreter' }, (line) => void lines.push(JSON.parse(line))), lines };
}

function writeAll(log: Logger): void {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({}, level);
}

describe('JSON lines', () => {
  it("have pino's level, the time, the common fields and their own", () => {
    const { log, lines } = logAt('info');
    log.warn({ code: 1006 }, 'translation session lost');
    const line = {
      level: 40,
      time: expect.any(Number),
      part: 'interpreter',
      code: 1006,
      msg: 'translation session lost',
    };
    expect(lines).toEqual([line]);
  });

  it.each([
    ['trace', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['error', ['error']],
    ['fatal', []],
    ['silent', []],
    ['an unknown level', ['info', 'warn', 'error']],
  ])('at %s are %j', (level, written) => {
    const { log, lines } = logAt(level);
    writeAll(log);
    expect(lines.map((line) => (line as { msg: string }).msg)).toEqual(written);
  });

  it('tell of an error its kind, message, stack, code and cause', () => {
    const { log, lines } = logAt('info');
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    log.error({ err: new TypeError('no connection', { cause }) }, 'session failed');
    const err = {
      type: 'TypeError',
      message: 'no connection',
      stack: expect.stringContaining('json-lines.test'),
      cause: { type: 'Error', code: 'ECONNREFUSED', message: 'refused', stack: expect.any(String) },
    };
    expect(lines).toMatchObject([{ err }]);
  });
});

describe('a logger with common fields', () => {
  it('adds them to every line, which may overrule them', () => {
    const { log, lines } = logAt('debug');
    const session = withFields(log, { session: 3, part: 'session' });
    writeAll(session);
    session.info({ session: 4 }, 'reconnected');
    expect(lines.map((line) => (line as { session: number }).session)).toEqual([3, 3, 3, 3, 4]);
    expect(lines[0]).toMatchObject({ level: 20, part: 'session', msg: 'debug' });
  });
});
