/** `booth simulate` as a process of its own, and what it tells of what it was sent. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import type { SimulatorStats } from '../../engine/scripted/stats.ts';
import { type BoothOptions, type Running, startBooth, temporaryFolder } from './booth-process.ts';
import { until } from './until.ts';

export class SimulatedVendor {
  readonly process: Running;

  private constructor(script: ScriptInput, options: Pick<BoothOptions, 'startedBy'>) {
    const file = join(temporaryFolder(), 'script.yaml');
    writeFileSync(file, stringify(script));
    // The key of every client in the tests whose script names no others.
    this.process = startBooth(['simulate', '--script', file], {
      ...options,
      environment: { BOOTH_ENGINE_KEY: 'sk-any' },
    });
  }

  /** Runs until the test is over. */
  static async start(
    script: ScriptInput = {},
    options: Pick<BoothOptions, 'startedBy'> = {},
  ): Promise<SimulatedVendor> {
    const vendor = new SimulatedVendor(script, options);
    await until(() => vendor.process.output.stdout.includes('\n'));
    return vendor;
  }

  get url(): string {
    return this.process.output.stdout.trim();
  }

  async stats(): Promise<SimulatorStats> {
    const answer = await fetch(new URL('/stats', this.url.replace(/^ws/, 'http')));
    return (await answer.json()) as SimulatorStats;
  }
}
