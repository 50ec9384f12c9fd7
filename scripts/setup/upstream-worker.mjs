/**
 * Builds mediasoup-worker as mediasoup itself does where it is installed: for systems without apt, macOS among them. Its build downloads the
 * sources of the libraries, whose hashes stand in the mediasoup package, and Meson by pip. It works in a copy of the package.
 */
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../../engine/setup/error.mjs';
import { RunError, run } from '../../engine/setup/run.mjs';
import { repository } from '../places.mjs';
import { usableNode } from './node.mjs';

const mediasoup = join(repository, 'node_modules/mediasoup');

/**
 * @param {import('./setup.mjs').Setup} setup
 * @param {string} scratch a folder, which exists and is removed by the caller
 * @param {import('./progress.mjs').Report} report
 * @returns {Promise<string>} the binary, in the scratch folder
 * @throws {SetupError} where it cannot be built, with what has to be installed
 */
export async function buildUpstreamWorker({ environment, signal }, scratch, report) {
  const copy = join(scratch, 'mediasoup');
  await mkdir(copy);
  for (const name of ['package.json', 'npm-scripts.mjs', 'worker'])
    await cp(join(mediasoup, name), join(copy, name), { recursive: true });
  // The script uses packages that are installed beside mediasoup.
  await symlink(join(repository, 'node_modules'), join(scratch, 'node_modules'));
  report("by mediasoup's own build");
  try {
    await run(usableNode(), ['npm-scripts.mjs', 'worker:build'], { signal, cwd: copy, env: { ...environment } });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new SetupError(
      `mediasoup's media worker could not be built by mediasoup's own build.\n${error.because(/\berror\b|ERROR|not found|No such file|No module/i)}`,
      'It needs Python 3 with pip, make, a C++ compiler (on macOS: xcode-select --install) and GitHub. A worker that you have goes by MEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker.',
    );
  }
  return join(copy, 'worker/out/Release/mediasoup-worker');
}
