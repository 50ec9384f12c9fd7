/**
 * The processes of `booth start` hold no secret that they do not need. The test reads their environments in /proc, where every
 * program of the same user can read them.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { offline, qwen3 } from '../../config/models.ts';
import { descendantsOf } from '../../scripts/test/processes.mjs';
import { ServedMeeting } from '../support/served.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
import { until } from '../support/until.ts';

const SECRET = 'the-secret-that-signs-tokens-and-invites';
const KEY = 'sk-any';
const withSecrets = { BOOTH_SECRET: SECRET, DASHSCOPE_API_KEY: KEY, AWS_SECRET_ACCESS_KEY: 'of-another-program' };

/** Empty where the process has ended meanwhile. */
function environmentOf({ pid }: Process): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

type Process = ReturnType<typeof descendantsOf>[number];

/** The processes below `parent` whose command line has `part`. */
const below = (parent: number, part: string): Process[] =>
  descendantsOf(parent).filter(({ command }) => command.includes(part));

async function theOne(parent: number, part: string): Promise<Process> {
  let found: Process | undefined;
  await until(() => {
    [found] = below(parent, part);
    return found !== undefined;
  });
  if (!found) throw new Error(`${part} does not run`);
  return found;
}

function expectNoSecret(one: Process, more: readonly string[] = []): void {
  const environment = environmentOf(one);
  for (const secret of [SECRET, KEY, 'of-another-program', ...more])
    expect([environment.includes(secret), one.command.includes(secret)]).toEqual([false, false]);
}

describe('a server with a secret and a key in its environment', () => {
  it('keeps them from the media worker and the offline engine, which is told its own key otherwise', async () => {
    const meeting = await ServedMeeting.start({ ...withSecrets, BOOTH_LIVETRANSLATE_MODEL: offline.id });
    const worker = await theOne(meeting.pid, 'mediasoup-worker');
    const engine = await theOne(meeting.pid, 'engine/process/main.ts');
    for (const one of [worker, engine]) {
      expect(environmentOf(one)).toContain('PATH=');
      expectNoSecret(one);
    }
    for (const one of below(meeting.pid, '')) {
      expectNoSecret(one);
      expect(environmentOf(one)).not.toMatch(/KEY|SECRET|TOKEN/);
    }
  });

  it.each([
    ['thread', 'bot/process/threads-main.ts'],
    ['process', 'bot/process/main.ts'],
  ])(
    'keeps them from an interpreter, which needs the key and is told it otherwise: isolation %s',
    async (isolation, module) => {
      const vendor = await SimulatedVendor.start();
      const meeting = await ServedMeeting.start({
        ...withSecrets,
        BOOTH_LIVETRANSLATE_URL: vendor.url,
        BOOTH_LIVETRANSLATE_MODEL: qwen3.id,
        BOOTH_INTERPRETER_ISOLATION: isolation,
      });
      await meeting.listen('es');
      for (const part of ['mediasoup-worker', module]) {
        const one = await theOne(meeting.pid, part);
        expect(environmentOf(one)).toContain('PATH=');
        expectNoSecret(one, ['eyJ']);
      }
    },
  );
});
