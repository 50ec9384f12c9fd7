/**
 * Parses, checks and decodes the messages of clients; an invalid one is refused with the name of the wrong field. Fields that a model's
 * generation does not know are ignored, because clients of later generations send them.
 */
import { z } from 'zod';
import type { ServerDialect, ServerSettings } from './dialect.ts';

export const MAX_MESSAGE_CHARACTERS = 1_048_576;
/** The vendor's limit, before base64. */
const MAX_IMAGE_BYTES = 500_000;

/** A message that is refused. The session is not changed by it. */
export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
  readonly code: string;
  /** The field that is wrong, as a path: `session.translation.language`. */
  readonly param: string | undefined;

  constructor(message: string, { code = 'invalid_value', param }: { code?: string; param?: string | undefined } = {}) {
    super(message);
    this.code = code;
    this.param = param;
  }
}

const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, 'this is not base64');

const Audio = z.object({ audio: Base64 });
const Image = z.object({ image: Base64 });

const commonTypes = ['session.update', 'input_audio_buffer.append', 'input_image_buffer.append', 'session.finish'];
const commitTypes = ['input_audio_buffer.commit', 'input_audio_buffer.clear'];

export type ClientMessage =
  | { type: 'session.update'; settings: ServerSettings }
  | { type: 'input_audio_buffer.append'; samples: Int16Array }
  | { type: 'input_image_buffer.append'; jpeg: Uint8Array }
  | { type: 'input_audio_buffer.commit' | 'input_audio_buffer.clear' | 'session.finish' };

/** @throws {InvalidMessage} */
export function parseClientMessage(text: string, dialect: ServerDialect): ClientMessage {
  if (text.length > MAX_MESSAGE_CHARACTERS) {
    throw new InvalidMessage(`A message may have at most ${MAX_MESSAGE_CHARACTERS} characters.`, {
      code: 'message_too_large',
    });
  }
  const message = parseJson(text);
  const known = dialect.takesCommits ? [...commonTypes, ...commitTypes] : commonTypes;
  if (!known.includes(String(message.type))) throw unknownType(message.type, known);
  switch (message.type) {
    case 'session.update':
      return { type: message.type, settings: checked(z.object({ session: dialect.update }), message).session };
    case 'input_audio_buffer.append':
      return { type: message.type, samples: samplesIn(checked(Audio, message).audio) };
    case 'input_image_buffer.append':
      return { type: message.type, jpeg: jpegIn(checked(Image, message).image) };
    case 'input_audio_buffer.commit':
    case 'input_audio_buffer.clear':
    case 'session.finish':
      return { type: message.type };
    default:
      throw unknownType(message.type, known);
  }
}

const unknownType = (type: unknown, known: readonly string[]): InvalidMessage =>
  new InvalidMessage(`Invalid value: '${String(type).slice(0, 64)}'. Supported values are: ${known.join(', ')}.`, {
    param: 'type',
  });

function parseJson(text: string): { type?: unknown } {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message === 'object' && message !== null && !Array.isArray(message)) return message;
  } catch {
    // Reported below, like JSON that is not an object.
  }
  throw notAnObject();
}

export const notAnObject = (): InvalidMessage =>
  new InvalidMessage('A message must be a JSON object in a text frame.', { code: 'invalid_json' });

function checked<T>(schema: z.ZodType<T>, message: unknown): T {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidMessage(issue?.message ?? 'Invalid message.', { param: issue?.path.join('.') });
}

function samplesIn(base64: string): Int16Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length % 2 === 1) {
    throw new InvalidMessage('Audio is 16-bit PCM: an odd number of bytes cuts a sample in two.', { param: 'audio' });
  }
  // A copy, because small buffers share memory and may be unaligned.
  return new Int16Array(new Uint8Array(bytes).buffer);
}

function jpegIn(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MAX_IMAGE_BYTES) {
    throw new InvalidMessage(`An image may have at most ${MAX_IMAGE_BYTES} bytes, and this has ${bytes.length}.`, {
      param: 'image',
    });
  }
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) {
    throw new InvalidMessage('An image must be a JPEG.', { param: 'image' });
  }
  return bytes;
}
