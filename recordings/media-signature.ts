/**
 * Whether bytes are the beginning of a media file, where raw PCM is expected. No I/O.
 *
 * Hard requirement: speech and silence as PCM, with whatever offset or noise, are never taken for media. So each signature has at least
 * 40 bits, or is found again where the length that it states says.
 */

/** As many bytes as are looked at. */
export const SIGNATURE_BYTES = 8192;

type IsIt = (bytes: Buffer) => boolean;

const text = (bytes: Buffer, at: number, end: number): string => bytes.toString('latin1', at, end);

const signatures: readonly (readonly [name: string, isIt: IsIt])[] = [
  ['WAV', (bytes) => ['RIFF', 'RF64', 'BW64', 'RIFX'].includes(text(bytes, 0, 4)) && text(bytes, 8, 12) === 'WAVE'],
  ['AVI', (bytes) => text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 11) === 'AVI'],
  ['Wave64', (bytes) => text(bytes, 0, 8) === 'riff\x2e\x91\xcf\x11'],
  ['AIFF', (bytes) => text(bytes, 0, 4) === 'FORM' && ['AIFF', 'AIFC'].includes(text(bytes, 8, 12))],
  ['CAF', (bytes) => text(bytes, 0, 6) === 'caff\x00\x01'],
  ['AU', (bytes) => text(bytes, 0, 6) === '.snd\x00\x00'],
  ['AMR', (bytes) => text(bytes, 0, 5) === '#!AMR'],
  ['Ogg', (bytes) => text(bytes, 0, 6) === 'OggS\x00\x02'],
  ['FLAC', (bytes) => text(bytes, 0, 4) === 'fLaC' && text(bytes, 5, 8) === '\x00\x00\x22'],
  ['MP3', (bytes) => isId3(bytes) || repeats(bytes, mpegFrameBytes)],
  ['AAC', (bytes) => repeats(bytes, adtsFrameBytes)],
  ['MP4', (bytes) => bytes[0] === 0 && bytes[1] === 0 && MP4_BOXES.has(text(bytes, 4, 8))],
  ['Matroska or WebM', (bytes) => bytes.readUInt32BE(0) === EBML && /matroska|webm/.test(text(bytes, 4, 64))],
  ['ASF', (bytes) => text(bytes, 0, 8) === '\x30\x26\xb2\x75\x8e\x66\xcf\x11'],
  ['FLV', (bytes) => text(bytes, 0, 4) === 'FLV\x01' && text(bytes, 5, 9) === '\x00\x00\x00\x09'],
  ['MPEG-TS', isTransportStream],
  ['MPEG-PS', isProgramStream],
];

const MP4_BOXES = new Set(['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);
const EBML = 0x1a45dfa3;
const SMALLEST_BYTES = 14;

/** The name of the format, for people; undefined for what may be PCM. */
export function mediaFormatOf(bytes: Buffer): string | undefined {
  if (bytes.length < SMALLEST_BYTES) return undefined;
  return signatures.find(([, isIt]) => isIt(bytes))?.[0];
}

/** The version, no flag that is not defined, and a size of seven bits a byte. */
const isId3: IsIt = (bytes) =>
  text(bytes, 0, 3) === 'ID3' &&
  [2, 3, 4].includes(bytes[3] ?? 0) &&
  bytes[4] === 0 &&
  ((bytes[5] ?? 0) & 0x0f) === 0 &&
  bytes.subarray(6, 10).every((part) => part < 0x80);

const FRAMES_IN_A_ROW = 4;

/** Whether frames of the same kind follow each other, each as long as its header says. */
function repeats(bytes: Buffer, frameBytes: (header: number, more: number) => number | undefined): boolean {
  const kind = bytes.readUInt32BE(0) & KIND_OF_FRAME;
  for (let at = 0, frame = 0; frame < FRAMES_IN_A_ROW; frame++) {
    if (at + 6 > bytes.length) return false;
    const header = bytes.readUInt32BE(at);
    const length = frameBytes(header, bytes.readUInt16BE(at + 4));
    if (length === undefined || (header & KIND_OF_FRAME) !== kind) return false;
    at += length;
  }
  return true;
}

/** The sync word, version and layer, and the sample rate. */
const KIND_OF_FRAME = 0xfffe0c00 | 0;

const layer3Kilobits = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const LAYER_3 = 1;
const mpegSampleRates = [44_100, 48_000, 32_000];

/** Of MPEG audio, layer III; undefined for what is none. */
function mpegFrameBytes(header: number): number | undefined {
  const version = (header >>> 19) & 3;
  const bitrateIndex = (header >>> 12) & 15;
  const rate = mpegSampleRates[(header >>> 10) & 3];
  const isLayer3 = header >>> 21 === 0x7ff && version !== 1 && ((header >>> 17) & 3) === LAYER_3;
  if (!isLayer3 || bitrateIndex === 0 || bitrateIndex === 15 || rate === undefined || (header & 3) === 2)
    return undefined;
  const isVersion1 = version === 3;
  const kilobits = layer3Kilobits[isVersion1 ? 1 : 2][bitrateIndex] ?? 0;
  const sampleRate = isVersion1 ? rate : version === 2 ? rate / 2 : rate / 4;
  return Math.floor(((isVersion1 ? 144_000 : 72_000) * kilobits) / sampleRate) + ((header >>> 9) & 1);
}

/** Of AAC with ADTS headers; undefined for what is none. */
function adtsFrameBytes(header: number, more: number): number | undefined {
  const isAdts = header >>> 20 === 0xfff && ((header >>> 17) & 3) === 0 && ((header >>> 10) & 15) < 13;
  const length = ((header & 3) << 11) | (more >>> 5);
  return isAdts && length > 7 ? length : undefined;
}

const TS_PACKET_BYTES = 188;
const TS_PACKETS = 8;

/** Packets with valid headers that are not all the same, as those of a tone would be. */
function isTransportStream(bytes: Buffer): boolean {
  if (bytes.length < TS_PACKETS * TS_PACKET_BYTES) return false;
  const headers = Array.from({ length: TS_PACKETS }, (_, packet) => bytes.readUInt32BE(packet * TS_PACKET_BYTES));
  const areValid = headers.every(
    (header) => header >>> 24 === 0x47 && (header & 0x800000) === 0 && (header & 0x30) !== 0,
  );
  return areValid && new Set(headers).size > 1;
}

/** A pack header of MPEG-1 or MPEG-2, with its marker bits. */
function isProgramStream(bytes: Buffer): boolean {
  const marks = (at: number, mask: number, value = mask): boolean => ((bytes[at] ?? 0) & mask) === value;
  const is1 = marks(4, 0xf1, 0x21) && marks(6, 1) && marks(8, 1) && marks(9, 0x80) && marks(11, 1);
  const is2 = marks(4, 0xc4, 0x44) && marks(6, 4) && marks(8, 4) && marks(9, 1) && marks(12, 3);
  return bytes.readUInt32BE(0) === 0x1ba && (is1 || is2);
}
