/**
 * Schemas for the media parameters that clients send: every field is checked before mediasoup receives it. mediasoup checks less, and a
 * value of a wrong type breaks its channel to the worker, and with it every room of that worker.
 */

import { ApiError, issues } from '@mediasoup-booth/protocol';
import type * as mediasoup from 'mediasoup/types';
import { z } from 'zod';

const uint16 = z.int().min(0).max(0xffff);
const uint32 = z.int().min(0).max(0xffffffff);
const text = z.string().max(1024);
const kind = z.enum(['audio', 'video']);
const mimeType = z.string().max(64);
const payloadType = z.int().min(0).max(127);
const codecParameters = z.record(z.string().max(64), z.union([text, z.number(), z.boolean()]));

const codec = {
  mimeType,
  clockRate: uint32,
  channels: z.int().min(1).max(255).optional(),
  parameters: codecParameters.optional(),
  rtcpFeedback: z
    .array(z.object({ type: text, parameter: text.optional() }))
    .max(16)
    .optional(),
};

const RtpParameters = z.object({
  mid: z.string().max(64).optional(),
  codecs: z.array(z.object({ payloadType, ...codec })).max(32),
  headerExtensions: z
    .array(
      z.object({
        uri: text,
        id: z.int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: codecParameters.optional(),
      }),
    )
    .max(32)
    .optional(),
  encodings: z
    .array(
      z.object({
        ssrc: uint32.optional(),
        rid: z.string().max(64).optional(),
        codecPayloadType: payloadType.optional(),
        rtx: z.object({ ssrc: uint32 }).optional(),
        dtx: z.boolean().optional(),
        scalabilityMode: z.string().max(64).optional(),
        maxBitrate: uint32.optional(),
      }),
    )
    .max(16)
    .optional(),
  rtcp: z.object({ cname: z.string().max(256).optional(), reducedSize: z.boolean().optional() }).optional(),
  msid: z.string().max(256).optional(),
});

const RtpCapabilities = z.object({
  codecs: z
    .array(z.object({ kind, preferredPayloadType: payloadType, ...codec }))
    .max(128)
    .optional(),
  headerExtensions: z
    .array(
      z.object({
        kind,
        uri: text,
        preferredId: z.int().min(1).max(255),
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(64)
    .optional(),
});

const DtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().regex(/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,63}$/, 'must be pairs of hex digits'),
      }),
    )
    .min(1)
    .max(16),
});

const SctpStreamParameters = z.object({
  streamId: z.int().min(0).max(65_534),
  ordered: z.boolean().optional(),
  maxPacketLifeTime: uint16.optional(),
  maxRetransmits: uint16.optional(),
});

/** The schema's value has the type that mediasoup gives it, but for `undefined` and for lists of names it knows. */
const checking =
  <T>(what: string, schema: z.ZodType) =>
  (given: unknown): T => {
    const parsed = schema.safeParse(given);
    if (!parsed.success) throw new ApiError('invalid', `${what}: ${issues(parsed.error)}`);
    return parsed.data as T;
  };

/** Each throws an {@link ApiError} that names every part that is wrong. */
export const rtpParametersOf = checking<mediasoup.RtpParameters>('rtpParameters', RtpParameters);
export const rtpCapabilitiesOf = checking<mediasoup.RtpCapabilities>('rtpCapabilities', RtpCapabilities);
export const dtlsParametersOf = checking<mediasoup.DtlsParameters>('dtlsParameters', DtlsParameters);
export const sctpStreamParametersOf = checking<mediasoup.SctpStreamParameters>(
  'sctpStreamParameters',
  SctpStreamParameters,
);
