/** Handles the requests of participants in their room. The shape of each request and the permission for it are checked before anything happens. */

import { ApiError, issues, type Method, type ReplyData, type Requests, requests } from '@mediasoup-booth/protocol';
import type { z } from 'zod';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import type { ReportedUsage } from '../account/reported-usage.ts';
import type { ConnectionPermits } from '../account/shared-connection-limiter.ts';
import { dataRole, requireHost, requireInterpret, trackRole } from '../auth/permissions.ts';
import type { InterpreterStatsCollector } from '../interpreter-stats.ts';
import type { IssuedIceServers } from '../media/ice-servers.ts';
import {
  dtlsParametersOf,
  rtpCapabilitiesOf,
  rtpParametersOf,
  sctpStreamParametersOf,
} from '../media/media-parameters.ts';
import { mediaCall } from '../media/resource-registry.ts';
import type { Participant } from '../room/participant.ts';
import { requireLanguages } from '../room/request-checks.ts';
import type { Room } from '../room/room.ts';

export interface Member {
  room: Room;
  participant: Participant;
  connectionLimiter: ConnectionPermits;
  usage: UsageAccounting;
  reportedUsage: ReportedUsage;
  interpreterStats: InterpreterStatsCollector;
  /** The STUN and TURN servers for this participant; undefined: there are none. */
  issueIceServers(): IssuedIceServers | undefined;
  /** Another token counts from now on. @returns when it ends, in seconds since 1970 */
  replaceToken(token: string): number;
}

type Checked<M extends Method> = z.output<Requests[M]['data']>;
type Handler = (member: Member, data: unknown) => Promise<unknown>;

/** The data of a request, checked. @throws {ApiError} that names every part that is wrong */
export function parseRequest<M extends Method>(method: M, data: unknown): Checked<M> {
  const schema: z.ZodType = requests[method].data;
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new ApiError('invalid', `${method}: ${issues(parsed.error)}`);
  return parsed.data as Checked<M>;
}

const on =
  <M extends Method>(
    method: M,
    handler: (member: Member, data: Checked<M>) => ReplyData<M> | Promise<ReplyData<M>>,
  ): Handler =>
  async (member, data) =>
    handler(member, parseRequest(method, data));

const handlers: Record<Exclude<Method, 'join'>, Handler> = {
  'token.replace': on('token.replace', ({ replaceToken }, { token }) => ({ expires: replaceToken(token) })),
  'room.readyToMove': on('room.readyToMove', ({ room, participant }) => {
    room.readyToMove(participant);
    return {};
  }),
  'participant.update': on('participant.update', ({ room, participant }, changes) => {
    requireLanguages(changes);
    room.update(participant, defined(changes));
    return {};
  }),
  'participant.suggest': on('participant.suggest', ({ room, participant }, { participantId, speaks }) => {
    requireInterpret(participant);
    requireLanguages({ speaks });
    room.suggest(participant, participantId, speaks);
    return {};
  }),
  'participant.setTooQuiet': on('participant.setTooQuiet', ({ room, participant }, { participantId, isTooQuiet }) => {
    requireInterpret(participant);
    room.setTooQuiet(participant, participantId, isTooQuiet);
    return {};
  }),

  'transport.create': on('transport.create', async ({ participant, issueIceServers }, { direction }) => {
    const transport = await participant.openTransport(direction);
    const { id, iceParameters, dtlsParameters, sctpParameters } = transport;
    const iceCandidates = participant.iceCandidatesOf(transport);
    if (!sctpParameters) throw new Error('a transport was made without SCTP');
    const iceServers = iceServersReply(issueIceServers());
    return { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters, ...iceServers };
  }),
  'transport.connect': on('transport.connect', async ({ participant }, { transportId, dtlsParameters }) => {
    const transport = participant.transport(transportId);
    const checkedParameters = dtlsParametersOf(dtlsParameters);
    await mediaCall(() => transport.connect({ dtlsParameters: checkedParameters }));
    return {};
  }),
  'transport.restartIce': on('transport.restartIce', async ({ participant }, { transportId }) => {
    const transport = participant.transport(transportId);
    return { iceParameters: await mediaCall(() => transport.restartIce()) };
  }),

  'iceServers.renew': on('iceServers.renew', ({ issueIceServers }) => ({
    iceServers: [],
    ...iceServersReply(issueIceServers()),
  })),

  'producer.create': on('producer.create', async ({ room, participant }, { transportId, booth, ...track }) => {
    const role = trackRole(participant, { ...track, booth });
    room.requireCurrent(participant);
    const { kind, source, paused = false } = track;
    const rtpParameters = rtpParametersOf(track.rtpParameters);
    const producer = await room.tracks.produce(participant, transportId, { kind, source, paused, rtpParameters, role });
    return { producerId: producer.id };
  }),
  'producer.pause': on('producer.pause', async ({ room, participant }, { producerId }) => {
    await room.tracks.setPaused(participant, producerId, true);
    return {};
  }),
  'producer.resume': on('producer.resume', async ({ room, participant }, { producerId }) => {
    await room.tracks.setPaused(participant, producerId, false);
    return {};
  }),
  'producer.sent': on('producer.sent', async ({ room, participant }, { producerId }) => {
    return { bytes: await room.tracks.bytesSent(producerId, participant) };
  }),
  'producer.close': on('producer.close', ({ participant }, { producerId }) => {
    participant.producers.get(producerId).close();
    return {};
  }),

  'consumer.create': on('consumer.create', async ({ room, participant }, data) => {
    const { transportId, producerId } = data;
    const consumer = await room.tracks.consume(
      participant,
      transportId,
      producerId,
      rtpCapabilitiesOf(data.rtpCapabilities),
    );
    const { id, kind, producerPaused } = consumer;
    // The same JSON, of which mediasoup-client's types know one header extension less.
    const rtpParameters = consumer.rtpParameters as ReplyData<'consumer.create'>['rtpParameters'];
    return { id, producerId, kind, rtpParameters, producerPaused };
  }),
  'consumer.resume': on('consumer.resume', async ({ participant }, { consumerId }) => {
    const consumer = participant.consumers.get(consumerId);
    await mediaCall(() => consumer.resume());
    return {};
  }),
  'consumer.pause': on('consumer.pause', async ({ participant }, { consumerId }) => {
    const consumer = participant.consumers.get(consumerId);
    await mediaCall(() => consumer.pause());
    return {};
  }),
  'consumer.setPreferredLayers': on('consumer.setPreferredLayers', async ({ participant }, data) => {
    const { consumerId, spatialLayer } = data;
    const consumer = participant.consumers.get(consumerId);
    await mediaCall(() => consumer.setPreferredLayers({ spatialLayer }));
    return {};
  }),
  'consumer.close': on('consumer.close', ({ participant }, { consumerId }) => {
    participant.consumers.get(consumerId).close();
    return {};
  }),

  'dataProducer.create': on('dataProducer.create', async ({ room, participant }, { transportId, label, ...data }) => {
    const role = dataRole(participant, { label, booth: data.booth });
    room.requireCurrent(participant);
    const sctpStreamParameters = sctpStreamParametersOf(data.sctpStreamParameters);
    const dataProducer = await room.tracks.produceData(participant, transportId, { label, sctpStreamParameters, role });
    return { dataProducerId: dataProducer.id };
  }),
  'dataProducer.close': on('dataProducer.close', ({ participant }, { dataProducerId }) => {
    participant.dataProducers.get(dataProducerId).close();
    return {};
  }),
  'dataConsumer.create': on('dataConsumer.create', async ({ room, participant }, { transportId, dataProducerId }) => {
    const consumer = await room.tracks.consumeData(participant, transportId, dataProducerId);
    const { id, sctpStreamParameters, label, protocol } = consumer;
    if (!sctpStreamParameters) throw new Error('a data consumer was made without SCTP');
    return { id, dataProducerId, sctpStreamParameters, label, protocol };
  }),
  'dataConsumer.resume': on('dataConsumer.resume', async ({ room, participant }, { dataConsumerId }) => {
    await room.tracks.resumeData(participant, dataConsumerId);
    return {};
  }),
  'dataConsumer.close': on('dataConsumer.close', ({ participant }, { dataConsumerId }) => {
    participant.dataConsumers.get(dataConsumerId).close();
    return {};
  }),

  'host.mute': on('host.mute', async ({ room, participant }, { producerId }) => {
    await room.tracks.mute(participant, producerId);
    return {};
  }),
  'host.remove': on('host.remove', ({ room, participant }, { participantId }) => {
    room.removeParticipant(participant, participantId);
    return {};
  }),
  'host.admit': on('host.admit', ({ room, participant }, { participantId }) => {
    requireHost(participant);
    room.waiting.admit(participantId);
    return {};
  }),
  'host.deny': on('host.deny', ({ room, participant }, { participantId }) => {
    requireHost(participant);
    room.waiting.deny(participantId);
    return {};
  }),

  'session.reserve': on('session.reserve', ({ participant, connectionLimiter }) => {
    requireInterpret(participant);
    return connectionLimiter.reserve(participant.peer);
  }),
  'session.used': on('session.used', ({ room, participant, connectionLimiter, reportedUsage }, { tokens }) => {
    requireInterpret(participant);
    reportedUsage.requireTokens(reporterId(room, participant), tokens);
    connectionLimiter.tokensUsed(tokens);
    return {};
  }),
  'session.throttled': on('session.throttled', ({ room, participant, connectionLimiter, reportedUsage }) => {
    requireInterpret(participant);
    reportedUsage.requireThrottled(reporterId(room, participant));
    connectionLimiter.throttled();
    return {};
  }),
  'usage.report': on('usage.report', ({ room, participant, usage, reportedUsage }, report) => {
    requireInterpret(participant);
    if (reportedUsage.accept(reporterId(room, participant), report))
      usage.report(room.name, participant.id, report.entries);
    return {};
  }),
  'interpreter.report': on('interpreter.report', ({ room, participant, interpreterStats }, stats) => {
    requireInterpret(participant);
    const { unreadable = [] } = stats;
    requireLanguages({ reads: unreadable });
    interpreterStats.report(participant.id, stats, room.clock);
    room.interpreter.setUnreadable(participant.id, unreadable);
    return {};
  }),
};

function iceServersReply(issued: IssuedIceServers | undefined) {
  if (!issued) return {};
  const { iceServers, expiresInMs } = issued;
  return { iceServers, ...(expiresInMs !== undefined && { iceServersExpireInMs: expiresInMs }) };
}

const reporterId = (room: Room, { id }: Participant): string => `${room.name}/${id}`;

/** Handles one request and returns its reply. @throws {ApiError} for the participant; anything else that is thrown is a defect here */
export async function handleRequest(member: Member, method: string, data: unknown): Promise<unknown> {
  if (method === 'join') throw new ApiError('alreadyJoined', 'you have joined already, by this very connection');
  if (!isMethod(method))
    throw new ApiError(
      'unknownMethod',
      `there is no method "${method.slice(0, 64)}". There are: ${methods.join(', ')}`,
    );
  return handlers[method](member, data);
}

const methods = Object.keys(handlers);
const isMethod = (method: string): method is keyof typeof handlers => Object.hasOwn(handlers, method);

/** The properties that are not undefined. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
