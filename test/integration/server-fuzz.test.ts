import type { Method } from '@mediasoup-booth/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  closed,
  interpreter,
  join,
  opus,
  person,
  startTestServer,
  type TestClient,
  type TestServer,
} from '../support/server.ts';
import { testSeed } from '../support/test-seed.ts';

const fingerprint = {
  algorithm: 'sha-256',
  value: Array.from({ length: 32 }, () => '5A').join(':'),
};
const simulcast = {
  mid: 'a',
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      parameters: { x: 1 },
      rtcpFeedback: [{ type: 'nack' }],
    },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } },
  ],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1, encrypt: false, parameters: {} }],
  encodings: [
    { rid: 'r0', maxBitrate: 100_000, scalabilityMode: 'L1T3', dtx: false },
    { ssrc: 5, rtx: { ssrc: 6 } },
  ],
  rtcp: { cname: 'x', reducedSize: true },
};

const value = fc.oneof(
  fc.constantFrom(
    null,
    true,
    -1,
    0,
    256,
    65_536,
    2 ** 32,
    2 ** 53,
    1.5,
    1e300,
    '',
    'x'.repeat(3000),
    'audio/opus',
    '\0',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
/** Where to change something, as turns at each fork, and what to put there; `undefined`: nothing at all. */
const changes = fc.array(
  fc.tuple(fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }), fc.option(value, { nil: undefined })),
  {
    minLength: 1,
    maxLength: 3,
  },
);

function changed(data: object, spots: [number[], unknown][]): object {
  const copy = structuredClone(data);
  for (const [turns, replacement] of spots) {
    let here = copy as Record<string, unknown>;
    for (const [depth, turn] of turns.entries()) {
      const keys = Object.keys(here);
      const key = keys[turn % keys.length];
      if (key === undefined) break;
      const next = here[key];
      if (depth < turns.length - 1 && typeof next === 'object' && next !== null) here = next as Record<string, unknown>;
      else {
        if (replacement === undefined) delete here[key];
        else here[key] = structuredClone(replacement);
        break;
      }
    }
  }
  return copy;
}

describe('whatever a client says of its media', () => {
  let server: TestServer;
  let witness: TestClient;
  let gone: string | undefined;
  beforeAll(async () => {
    server = await startTestServer({ emptyRoomMs: 100 });
    witness = await join(server, person('witness', { room: 'witness' }));
    void closed(witness.socket).then(({ reason }) => {
      gone = reason;
    });
  });
  afterAll(() => server.close());

  it('is answered, and harms nobody in another room of the same worker', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(changes, async (spots) => {
        const room = { room: `round-${++round}` };
        const ana = await join(server, person('ana', room));
        const booth = await join(server, interpreter('booth', room));
        const [anas, booths] = await Promise.all([ana.transports(), booth.transports()]);
        const microphone = { transportId: anas.send, kind: 'audio', source: 'microphone', rtpParameters: opus() };
        const camera = { transportId: anas.send, kind: 'video', source: 'camera', rtpParameters: simulcast };
        const data = {
          transportId: booths.send,
          label: 'captions',
          sctpStreamParameters: { streamId: 1, ordered: false, maxRetransmits: 1 },
          booth: { role: 'captions', language: 'es' },
        };
        const { producerId } = await ana.request('producer.create', microphone as never);
        const { rtpCapabilities } = ana.reply;
        const requests: [TestClient, Method, object][] = [
          [ana, 'producer.create', { ...microphone, rtpParameters: changed(opus(), spots) }],
          [ana, 'producer.create', { ...camera, rtpParameters: changed(simulcast, spots) }],
          [booth, 'dataProducer.create', data],
          [booth, 'dataProducer.create', changed(data, spots)],
          [
            booth,
            'consumer.create',
            { transportId: booths.recv, producerId, rtpCapabilities: changed(rtpCapabilities, spots) },
          ],
          [
            ana,
            'transport.connect',
            changed({ transportId: anas.recv, dtlsParameters: { role: 'client', fingerprints: [fingerprint] } }, spots),
          ],
        ];
        const replies = await Promise.allSettled(
          requests.map(([client, method, request]) => client.request(method, request as never)),
        );
        for (const reply of replies)
          if (reply.status === 'rejected') expect(reply.reason.code).toMatch(/^(invalid|media|notFound|forbidden)$/);
        ana.leave();
        booth.leave();
      }),
      { numRuns: 150, seed: testSeed('media parameters') },
    );
    expect(gone).toBeUndefined();
    const { send } = await witness.transports();
    const microphone = { transportId: send, kind: 'audio', source: 'microphone', rtpParameters: opus() } as const;
    await expect(witness.request('producer.create', microphone)).resolves.toHaveProperty('producerId');
  });
});
