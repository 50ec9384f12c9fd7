/**
 * Gives memory that native libraries have freed back to the system. The C library keeps it for the thread that had it: a recogniser takes
 * up to 200 MB in a thousand pieces, of which the next one, in another thread, would use few.
 */
import { promisify } from 'node:util';
import koffi from 'koffi';

const GLIBC = 'libc.so.6';

type Trim = (keptBytes: number) => Promise<number>;
let trim: Trim | undefined;

/** Runs in a worker thread, and does nothing where the C library is not glibc. */
export async function releaseUnusedMemory(): Promise<void> {
  trim ??= openTrim();
  await trim(0);
}

function openTrim(): Trim {
  try {
    return promisify(koffi.load(GLIBC).func('int malloc_trim(size_t keptBytes)').async) as Trim;
  } catch {
    return async () => 0;
  }
}
