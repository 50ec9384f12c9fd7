/** Booth as its image has it, in a container that buildah runs without a Docker engine, on Linux as root. */
import { execFileSync } from 'node:child_process';
import { StartedProgram } from './started-program.ts';

/** The image under test; `BOOTH_IMAGE` names another. */
export const boothImage = process.env.BOOTH_IMAGE ?? 'localhost/booth:test';

const buildah = (...args: string[]): string =>
  execFileSync('buildah', ['--storage-driver=vfs', ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

/** Whether buildah is here, and has built the image. */
export function hasBoothImage(): boolean {
  try {
    return buildah('images', '--quiet', boothImage) !== '';
  } catch {
    return false;
  }
}

/** Buildah's chroot has no process tree of its own: this one ends with the container, and takes its mounts along. */
const OWN_TREE = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

export class BoothContainer {
  readonly #name: string;
  #program: StartedProgram | undefined;

  /** @param hosts addresses of names, beside those that this computer knows */
  constructor(hosts: Readonly<Record<string, string>> = {}) {
    const names = Object.entries(hosts).map(([name, address]) => `--add-host=${name}:${address}`);
    this.#name = buildah('from', '--pull-never', ...names, boothImage);
  }

  /** Starts what the image starts, as its user and in this computer's network. */
  start(environment: Readonly<Record<string, string>>): StartedProgram {
    const variables = Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`);
    const run = ['run', '--isolation=chroot', '--network=host', '--user=node', ...variables, this.#name, '--'];
    const command = [...OWN_TREE, 'buildah', '--storage-driver=vfs', ...run, 'node', 'scripts/booth.mjs', 'start'];
    this.#program = new StartedProgram('unshare', command, process.env);
    return this.#program;
  }

  /** Ends what runs in it, and removes it. */
  async remove(): Promise<void> {
    await this.#program?.kill();
    buildah('rm', this.#name);
  }
}
