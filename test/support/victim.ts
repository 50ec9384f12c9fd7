/** The parent's side of `victim-participant.ts`. */
import { type ChildProcess, fork } from 'node:child_process';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { udpPorts } from './udp-ports.ts';
import { until } from './until.ts';

export interface VictimAssignment {
  url: string;
  token: string;
  /** The microphone that it listens to. */
  producerId: string;
}

export interface Faring {
  packets: number;
  /** By sequence numbers. */
  missing: number;
  texts: number;
  ended: string | undefined;
}

export class Victim {
  faring: Faring = { packets: 0, missing: 0, texts: 0, ended: undefined };
  lastSignOfLifeMs = 0;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
    child.on('message', (faring: Faring) => {
      this.faring = faring;
      this.lastSignOfLifeMs = performance.now();
    });
  }

  /** Settles when sound reaches it. */
  static async start(assignment: VictimAssignment): Promise<Victim> {
    const child = fork(new URL('./victim-participant.ts', import.meta.url), {
      env: { ...process.env, ...endsWithThisProcess() },
      execArgv: [],
    });
    const victim = new Victim(child);
    child.send(assignment);
    await until(() => victim.faring.packets > 25);
    return victim;
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get ports(): number[] {
    return udpPorts(this.#process.pid ?? 0);
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}
