/**
 * How the media worker of mediasoup 3.16.0 is built: as the project's own, with what that version asks for besides (usrsctp, more of Abseil,
 * another libsrtp) and without what it does not have yet. It is not optimised: it serves a test, and is compiled in half the time.
 */
import { fileURLToPath } from 'node:url';
import { workerRecipe } from '../../../scripts/setup/worker-build.mjs';

const abseil = ['memory', 'flat_hash_map', 'flat_hash_set', 'btree', 'inlined_vector'];

/** @param {string} source the folder `worker` of its package @returns {import('../../../scripts/setup/worker-build.mjs').WorkerRecipe} */
export const oldestWorkerRecipe = (source) => ({
  source,
  additions: [...workerRecipe.additions, fileURLToPath(new URL('additions', import.meta.url))],
  edits: [
    ...workerRecipe.edits,
    { file: 'precompiled/worker.hpp', from: '#include <ankerl/unordered_dense.h>\n', to: '' },
    {
      file: 'subprojects/abseil-cpp/meson.build',
      from: "absl_container_dep = dependency('absl_memory')",
      to: `absl_container_dep = [${abseil.map((part) => `dependency('absl_${part}')`).join(', ')}]`,
    },
    {
      file: 'src/RTC/SrtpSession.cpp',
      from: '#include "DepLibSRTP.hpp"\n',
      to: '#include "DepLibSRTP.hpp"\n#include "libsrtp-sizes.hpp"\n',
    },
    // Its name in libsrtp 2.
    { file: 'include/RTC/SrtpSession.hpp', from: 'srtp_stream_remove(', to: 'srtp_remove_stream(' },
  ],
  libraries: [...workerRecipe.libraries, 'libusrsctp-dev'],
  options: [...workerRecipe.options, '-Doptimization=0', '-Dms_disable_liburing=true'],
  // Some of its files include the messages without a dependency on what makes them.
  firstTargets: ['fbs/FBS'],
});
