/**
 * `decode-g722.mjs LIBRARY FROM TO`: decodes every NAME.g722 of the folder FROM to a 16 kHz NAME.wav in TO. It is a program of its own
 * because the library (spandsp) comes from a Debian package that is not installed, and is found by LD_LIBRARY_PATH.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import koffi from 'koffi';
import { formatWav } from '../../audio/wav.ts';

const BITS_PER_SECOND = 64_000;
const SAMPLES_PER_BYTE = 2;

const [library = '', from = '', to = ''] = process.argv.slice(2);
const spandsp = koffi.load(library);
const open = spandsp.func('void *g722_decode_init(void *state, int rate, int options)');
const decode = spandsp.func('int g722_decode(void *state, _Out_ int16_t *samples, const uint8_t *bytes, int length)');
const close = spandsp.func('int g722_decode_free(void *state)');

for (const file of readdirSync(from)) {
  if (!file.endsWith('.g722')) continue;
  const bytes = readFileSync(join(from, file));
  const samples = new Int16Array(bytes.length * SAMPLES_PER_BYTE);
  const state = open(null, BITS_PER_SECOND, 0);
  const count = decode(state, samples, bytes, bytes.length);
  close(state);
  writeFileSync(
    join(to, `${basename(file, '.g722')}.wav`),
    formatWav({ samples: samples.subarray(0, count), sampleRate: 16_000 }),
  );
}
