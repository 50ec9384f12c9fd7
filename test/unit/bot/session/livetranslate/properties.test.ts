import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioOutbox } from '../../../../../bot/session/livetranslate/audio-outbox.ts';
import { VoiceStream } from '../../../../../bot/session/livetranslate/voice-stream.ts';
import { type Frame, models, ScriptedService } from '../../../../support/livetranslate.ts';

const modelName = fc.constantFrom(...(Object.keys(models) as (keyof typeof models)[]));
const transcription = 'conversation.item.input_audio_transcription';
const id = fc.constantFrom('a', 'b', 'c');
const words = fc.constantFrom('', 'one', 'one two', 'one two three');

/** Anything that the service may say about three segments, in any order and number, some of it with missing fields. */
const contentFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constantFrom(`${transcription}.text`, 'response.audio_transcript.text', 'response.text.text'),
    item_id: id,
    response_id: id,
    text: fc.option(words),
    stash: fc.option(words),
  }),
  fc.record({
    type: fc.constantFrom(`${transcription}.delta`, 'response.audio_transcript.delta', 'response.text.delta'),
    item_id: id,
    delta: words,
  }),
  fc.record({
    type: fc.constantFrom(
      `${transcription}.completed`,
      `${transcription}.failed`,
      'response.audio_transcript.done',
      'response.text.done',
      'response.audio.done',
    ),
    item_id: id,
    response_id: id,
    transcript: fc.option(words),
    text: fc.option(words),
  }),
  fc.record({ type: fc.constant('response.audio.delta'), item_id: id, response_id: id, delta: fc.base64String() }),
  fc.record({
    type: fc.constant('response.done'),
    response: fc.record({
      id,
      usage: fc.option(
        fc.record({ total_tokens: fc.nat(), input_tokens_details: fc.record({ audio_tokens: fc.nat() }) }),
      ),
      error: fc.option(fc.record({ code: fc.constantFrom('DataInspectionFailed', 'InternalError') })),
    }),
  }),
  fc.record({
    type: fc.constant('conversation.item.created'),
    previous_item_id: id,
    item: fc.record({ id, role: fc.constantFrom('user', 'assistant') }),
  }),
  fc.record(
    { type: fc.constant('input_audio_buffer.speech_started'), audio_start_ms: fc.nat(), item_id: id },
    { requiredKeys: ['type', 'audio_start_ms'] },
  ),
  fc.record(
    { type: fc.constant('input_audio_buffer.speech_stopped'), audio_end_ms: fc.nat(), item_id: id },
    { requiredKeys: ['type', 'audio_end_ms'] },
  ),
);

describe('whatever order and number its frames come in', () => {
  it('a segment has at most one final, and nothing after it', () => {
    fc.assert(
      fc.property(fc.array(contentFrame, { maxLength: 60 }), modelName, (frames, model) => {
        const service = new ScriptedService({ model }).ready().says(...frames);
        for (const stream of ['source', 'translation'] as const) {
          const finished = new Set<string>();
          for (const { segment, final } of service.of(stream)) {
            expect(finished).not.toContain(segment);
            if (final) finished.add(segment);
          }
        }
        const silent = new Set<string>();
        for (const entry of service.recorded) {
          if (entry[0] === 'audio') expect(silent).not.toContain(entry[1].segment);
          if (entry[0] === 'audioEnd') {
            expect(silent).not.toContain(entry[1]);
            silent.add(entry[1]);
          }
        }
        expect(service.of('closed')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('a frame that is repeated, at once or later, changes nothing', () => {
    const numbered = fc
      .array(contentFrame, { minLength: 1, maxLength: 30 })
      .map((frames) => frames.map((frame, i): Frame => ({ ...frame, event_id: `e${i}` })));
    fc.assert(
      fc.property(numbered, fc.infiniteStream(fc.nat()), modelName, (frames, picks, model) => {
        const withRepeats = frames.flatMap((frame, i) => {
          const again = frames[(picks.next().value ?? 0) % (i + 1)];
          return again ? [frame, again] : [frame];
        });
        const once = new ScriptedService({ model }).ready().says(...frames);
        const more = new ScriptedService({ model }).ready().says(...withRepeats);
        expect(more.recorded).toEqual(once.recorded);
      }),
      { numRuns: 200 },
    );
  });

  it('its last snapshot and its final are what is told last', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(words, words), { minLength: 1 }), words, (snapshots, final) => {
        const service = new ScriptedService().ready();
        for (const [text, stash] of snapshots)
          service.says({ type: `${transcription}.text`, item_id: 'a', text, stash });
        service.says({ type: `${transcription}.completed`, item_id: 'a', transcript: final });
        const told = service.of('source');
        const last = snapshots.at(-1)?.join('') ?? '';
        const everShown = snapshots.some(([text, stash]) => text + stash !== '');
        if (final || everShown)
          expect(told.at(-1)).toMatchObject({ confirmed: final || last, tentative: '', final: true });
        else expect(told).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

it('the bills of a session are of what it took, once: they add up to the whole, in whatever pieces they come', () => {
  const step = fc.oneof(
    fc.record({ sendMs: fc.integer({ min: 0, max: 20 }).map((tenths) => tenths * 100) }),
    fc.record({ done: id }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), modelName, (steps, model) => {
      const service = new ScriptedService({ model }).ready();
      let sentMs = 0;
      for (const what of steps) {
        if ('done' in what) service.says({ type: 'response.done', response: { id: what.done } });
        else service.client.send(new Int16Array(what.sendMs * 16));
        if ('sendMs' in what) sentMs += what.sendMs;
      }
      service.client.close();
      const bills = service.of('usage');
      const billed = bills.reduce((sum, { inputAudio = 0 }) => sum + inputAudio, 0);
      const expected = (sentMs / 1000) * (models[model].rates?.audioInPerSecond ?? 0);
      // The rest of less than a token is lost.
      expect(billed).toBeLessThanOrEqual(expected + 1e-6);
      expect(billed).toBeGreaterThan(expected - 1 - 1e-6);
      expect(service.told.findLastIndex(([name]) => name === 'usage')).toBeLessThan(service.told.length - 1);
    }),
    { numRuns: 100 },
  );
});

it('no JSON, however shaped, throws or ends a running session; only errors do', () => {
  const key = fc.constantFrom(
    'type',
    'item_id',
    'item',
    'response',
    'delta',
    'text',
    'stash',
    'event_id',
    'error',
    'session',
    'x',
  );
  const frame = fc.dictionary(key, fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('response.done', 'a')));
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          frame.map((value) => JSON.stringify(value)),
          fc.string(),
        ),
        { maxLength: 30 },
      ),
      (texts) => {
        const service = new ScriptedService().ready();
        expect(() => service.says(...texts)).not.toThrow();
        expect(service.of('closed')).toEqual([]);
        expect(service.logged.filter((line) => line.includes('"level":50'))).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

it('speech leaves as it was given, however it was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 4000 }), { maxLength: 40 }), (lengths) => {
      const outbox = new AudioOutbox();
      let next = 0;
      for (const length of lengths) outbox.push(Int16Array.from({ length }, () => next++ & 0x7fff));
      outbox.flush();
      const out: number[] = [];
      for (let chunk = outbox.take(); chunk; chunk = outbox.take()) {
        expect(chunk.length).toBeLessThanOrEqual(1600);
        out.push(...chunk);
      }
      const kept = Array.from({ length: next }, (_, i) => i & 0x7fff);
      expect(outbox.droppedMs).toBe(Math.max(0, kept.length - out.length) / 16);
      expect(out).toEqual(kept.slice(kept.length - out.length));
    }),
    { numRuns: 50 },
  );
});

it('speech comes back as it was spoken, however it was cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat({ max: 50 })), (bytes, cuts) => {
      const voice = new VoiceStream();
      const heard: number[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        heard.push(...(voice.push('a', Buffer.from(bytes.subarray(at, at + cut)).toString('base64')) ?? []));
        at += cut;
      }
      const whole = Buffer.from(bytes);
      expect(heard).toEqual(Array.from({ length: bytes.length >> 1 }, (_, i) => whole.readInt16LE(i * 2)));
    }),
  );
});
