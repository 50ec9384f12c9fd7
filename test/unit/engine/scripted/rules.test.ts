/** What the simulated vendor does not let anybody do, in the vendor's own words where they are known. */
import { describe, expect, it } from 'vitest';
import { qwen3, qwen35, qwen38 } from '../../../../config/models.ts';
import { Simulator } from '../../../../engine/scripted/simulator.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { LT3, LT35, LT38, picture, updateFor, Vendor } from '../../../support/simulated-client.ts';

const models = [LT3, LT35, LT38];
const RATE_LIMITED = 'Requests rate limit exceeded, please try again later.';
const QUOTA = 'Allocated quota exceeded, please increase your quota limit.';
const noTone = new Int16Array(1600);

describe.each(models)('settings of %s that cannot be', (model) => {
  const modalities = model === LT38 ? 'output_modalities' : 'modalities';
  const phrases = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`w${i}`, 'x']));

  it.each([
    ['voice alone', { [modalities]: ['audio'] }, `session.${modalities}`, /\['text'\] and \['audio', 'text'\]/],
    ['no translation', { translation: undefined }, 'session.translation', /^Invalid translation parameter/],
    ['no target', { translation: {} }, 'session.translation.language', /^Invalid translation parameter/],
    ['an unknown target', { target: 'tlh' }, 'session.translation.language', /'tlh' is not supported/],
    ['a voice for what is only written', { target: 'el' }, `session.${modalities}`, /'el' has no audio/],
    [
      'more than 1000 terms',
      { translation: { language: 'es', corpus: { phrases: phrases(1001) } } },
      'session.translation.corpus.phrases',
      /1001/,
    ],
  ])('are refused, and the connection stays: %s', (_, session, param, message) => {
    const vendor = new Vendor();
    const client = vendor.session(model, session);
    expect(client.errors).toEqual([
      { type: 'invalid_request_error', code: 'invalid_value', param, message: expect.stringMatching(message) },
    ]);
    expect(client.types).not.toContain('session.updated');
    expect(client.says(updateFor(model)).types).toContain('session.updated');
    expect(vendor.simulator.stats().connections[0]?.violations).toHaveLength(1);
  });

  it('may have a thousand terms, and text alone for what is only written', () => {
    const translation = { language: 'el', corpus: { phrases: phrases(1000) } };
    expect(new Vendor().session(model, { audio: false, translation }).types).toContain('session.updated');
  });

  it('cost the session where it is a voice that there is not', async () => {
    const vendor = new Vendor();
    const client = vendor.session(model, { voice: 'Nobody' });
    const reason = "InternalError.Algo.InvalidParameter: Voice 'Nobody' is not supported.";
    expect([client.types, client.ended]).toEqual([['session.created'], { code: 1011, reason }]);
    await Promise.resolve();
    expect(vendor.clock.pending).toBe(0);
  });

  it('cannot be others once there was audio', () => {
    const client = new Vendor().session(model).hears(noTone).says(updateFor(model));
    expect(client.errors).toMatchObject([{ code: 'invalid_value', param: 'session' }]);
  });
});

describe('a voice', () => {
  it('is one that the generation has', () => {
    expect(new Vendor().session(LT35, { voice: 'Cherry' }).ended).toMatchObject({ code: 1011 });
    expect(new Vendor().session(LT3, { voice: 'Tina' }).ended).toMatchObject({ code: 1011 });
  });

  it('has to be named on LT3.8, for text alone too', () => {
    const client = new Vendor().session(LT38, { audio: false, voice: undefined });
    expect(client.ended).toEqual({
      code: 1011,
      reason: "InternalError.Algo.InvalidParameter: Voice 'Chelsie' is not supported.",
    });
  });

  it('may be named inside the audio settings of LT3.8', () => {
    const named = new Vendor().connect(LT38).says({
      type: 'session.update',
      session: { audio: { output: { voice: 'Ethan' } }, translation: { language: 'es' } },
    });
    expect(named.types).toContain('session.updated');
  });

  it('does not matter for text alone on the others', () => {
    expect(new Vendor().session(LT3, { audio: false, voice: 'Nobody' }).types).toContain('session.updated');
  });
});

describe('the source', () => {
  it('is English on LT3 unless it is told', () => {
    const client = new Vendor().session(LT3, { input_audio_transcription: undefined });
    expect(client.utters('k01').transcripts).toEqual([]);
    expect(client.translations).toEqual(['es:k01.']);
  });

  it('is heard by the others, as the script has it, and transcribed unless that is turned off', () => {
    const vendor = new Vendor({ script: { language: 'de' } });
    const said = (input_audio_transcription: unknown, model = LT35): unknown =>
      vendor
        .session(model, { input_audio_transcription })
        .utters('k01')
        .of('conversation.item.input_audio_transcription.completed')
        .map(({ language }) => language);
    expect([said(undefined), said({ language: 'fr' }), said(null), said(null, LT38)]).toEqual([
      ['de'],
      ['fr'],
      [],
      ['de'],
    ]);
  });

  it('cannot be one that the model does not know', () => {
    const transcription = { model: 'qwen3-asr-flash-realtime', language: 'tlh' };
    const { errors } = new Vendor().session(LT3, { input_audio_transcription: transcription });
    expect(errors).toMatchObject([{ param: 'session.input_audio_transcription.language' }]);
  });
});

describe('cutting speech oneself', () => {
  it.each([LT3, LT38])('is unknown to %s', (model) => {
    for (const type of ['input_audio_buffer.commit', 'input_audio_buffer.clear', 'response.create']) {
      const { errors } = new Vendor().session(model).hears(noTone).says({ type });
      expect(errors).toMatchObject([{ param: 'type', message: expect.stringMatching(`^Invalid value: '${type}'`) }]);
    }
  });

  it('needs something to cut, and turn_detection turned off', () => {
    const commit = { type: 'input_audio_buffer.commit' };
    expect(new Vendor().session(LT35).hears(noTone).says(commit).errors).toMatchObject([{ param: 'type' }]);
    const { errors } = new Vendor().session(LT35, { turn_detection: null }).says(commit);
    expect(errors).toMatchObject([{ code: 'input_audio_buffer_commit_empty' }]);
  });
});

describe('a picture', () => {
  const seen = (message: object): string[] => {
    const vendor = new Vendor();
    const client = vendor.session().hears(noTone).says(message);
    expect(vendor.simulator.stats().connections[0]?.images).toHaveLength(client.errors.length === 0 ? 1 : 0);
    return client.errors.map((error) => `${error.param}: ${error.message}`);
  };

  it('comes after the first audio', () => {
    const { errors } = new Vendor().session().says(picture());
    expect(errors).toMatchObject([{ code: 'invalid_value', param: 'image' }]);
  });

  it.each([
    ['is a JPEG', picture(), []],
    ['is nothing else', { ...picture(), image: Buffer.from('\x89PNG\r\n').toString('base64') }, [/^image: .* JPEG/]],
    ['has a picture in it', { ...picture(), image: '/9j/2Q==' }, [/^image: .* JPEG/]],
    ['has 500,000 bytes', picture({ bytes: 500_000 }), []],
    ['has no more', picture({ bytes: 500_001 }), [/^image: .*500000/]],
    ['has 1080 lines', picture({ width: 1920, height: 1080 }), []],
    ['may stand upright', picture({ width: 1080, height: 1920 }), []],
    ['has no more lines', picture({ width: 1440, height: 1081 }), [/^image: .*1080p/]],
  ])('%s', (_, message, errors) => {
    expect(seen(message)).toEqual(errors.map((error) => expect.stringMatching(error)));
  });

  it('comes twice a second at the most, and the beat may tremble', () => {
    const vendor = new Vendor();
    const client = vendor.session().hears(noTone);
    for (let i = 0; i < 20; i++) {
      client.says(picture());
      vendor.clock.advance(i % 2 ? 490 : 510);
    }
    expect(client.errors).toEqual([]);
    vendor.clock.advance(1000);
    client.says(picture(), picture(), picture());
    expect(client.errors).toMatchObject([{ code: 'invalid_value', param: 'image' }]);
  });

  it('is paid for by its pixels', () => {
    const vendor = new Vendor();
    const client = vendor.session().hears(noTone).says(picture()).utters('k01');
    const usage = client.responses[0]?.usage;
    const pixels = Math.ceil((640 * 360) / 28 ** 2 / 2);
    expect((usage?.input_tokens ?? 0) - (usage?.input_tokens_details.audio_tokens ?? 0)).toBe(pixels);
  });
});

describe('an account', () => {
  it('has ten connections in any minute: one more is accepted, and closed', () => {
    const vendor = new Vendor();
    for (let i = 0; i < 10; i++) {
      expect(vendor.session().ended).toBeUndefined();
      vendor.clock.advance(1000);
    }
    const eleventh = vendor.session();
    expect([eleventh.types, eleventh.ended]).toEqual([[], { code: 1007, reason: RATE_LIMITED }]);
    vendor.clock.advance(49_999);
    expect(vendor.connect().ended).toMatchObject({ code: 1007 });
    vendor.clock.advance(1);
    expect(vendor.connect().ended).toBeUndefined();
    expect(vendor.connect().ended).toMatchObject({ code: 1007 });
    const { connections, connectionsPerMinute } = vendor.simulator.stats();
    expect(connections.filter(({ violations }) => violations.length > 0)).toHaveLength(3);
    expect(connectionsPerMinute).toBe(10);
  });

  it('has so many tokens a minute: who uses more is closed, and so is who comes then', () => {
    const vendor = new Vendor({ script: { account: { tokensPerMinute: 100 } } });
    const client = vendor.session().pauses(7000);
    expect(client.ended).toBeUndefined();
    client.pauses(1100);
    expect(client.errors).toMatchObject([{ type: 'server_error', code: 'Throttling.AllocationQuota' }]);
    expect(client.ended).toEqual({ code: 1007, reason: QUOTA });
    expect(vendor.connect().ended).toEqual({ code: 1007, reason: QUOTA });
    vendor.clock.advance(61_000);
    expect(vendor.connect().ended).toBeUndefined();
  });

  it('pays for what is said', () => {
    const vendor = new Vendor({ script: { account: { tokensPerMinute: 40 } } });
    const client = vendor.session().speaks('k01', 'k02', 'k03', 'k04').pauses(850);
    expect(client.ended).toBeUndefined();
    vendor.clock.advance(2000);
    expect(client.ended).toEqual({ code: 1007, reason: QUOTA });
  });

  it('pays for pictures', () => {
    const vendor = new Vendor({ script: { account: { tokensPerMinute: 2600 } } });
    const client = vendor
      .session()
      .hears(noTone)
      .says(picture({ width: 1920, height: 1080 }));
    expect(client.ended).toBeUndefined();
    expect(client.says(picture({ width: 1920, height: 1080 })).ended).toEqual({ code: 1007, reason: QUOTA });
    expect(vendor.simulator.stats().tokensPerMinute).toBe(Math.ceil(1.25 + (1920 * 1080) / 28 ** 2));
  });

  it.each([
    [undefined, 401],
    ['sk-wrong', 401],
    ['sk-right', undefined],
  ])('has its keys: %s', (key, status) => {
    const simulator = new Simulator({ clock: new FakeClock(), script: { account: { keys: ['sk-right'] } } });
    const admission = simulator.connect({ model: LT3, ...(key !== undefined && { key }) });
    expect('status' in admission ? admission.status : undefined).toBe(status);
    if ('status' in admission) expect(admission.body).toMatchObject({ code: 'InvalidApiKey' });
    expect(simulator.stats().refused.map((refused) => refused.status)).toEqual(status ? [status] : []);
  });

  it('has the vendor’s models', () => {
    const answer = (model: string): unknown => new Simulator({ clock: new FakeClock() }).connect({ model });
    for (const { id } of [qwen3, qwen35, qwen38]) expect(answer(id)).toHaveProperty('open');
    for (const id of ['booth-offline', 'qwen3-livetranslate-flash', '']) {
      expect(answer(id)).toMatchObject({ status: 404, body: { code: 'ModelNotFound' } });
    }
  });

  it('has 64 connections at once', () => {
    const vendor = new Vendor({ script: { account: { connectionsPerMinute: 100 } } });
    const clients = Array.from({ length: 64 }, () => vendor.connect());
    expect(vendor.simulator.connect({ model: LT3 })).toMatchObject({ status: 503 });
    clients[0]?.leaves();
    expect(vendor.simulator.connect({ model: LT3 })).toHaveProperty('open');
  });
});

describe('a session', () => {
  it('ends when its context is full', () => {
    const vendor = new Vendor({ script: { limits: { inputTokens: 100 } } });
    const client = vendor.session().pauses(7900);
    expect(client.ended).toBeUndefined();
    expect(client.pauses(300).ended).toMatchObject({ code: 1011, reason: expect.stringMatching(/input length.*100/) });
  });

  it('ends when what it said and heard is too much together', () => {
    const vendor = new Vendor({ script: { limits: { contextTokens: 70 } } });
    const client = vendor.session().utters('k01', 'k02', 'k03', 'k04').pauses();
    expect(client.ended).toBeUndefined();
    expect(client.utters('k05').pauses().ended).toMatchObject({ code: 1011 });
  });

  it('lasts 120 minutes', () => {
    const vendor = new Vendor();
    const client = vendor.connect();
    vendor.clock.advance(120 * 60_000 - 1);
    expect(client.ended).toBeUndefined();
    vendor.clock.advance(1);
    expect(client.ended).toMatchObject({ code: 1011, reason: expect.stringMatching(/120 minutes/) });
    expect(vendor.clock.pending).toBe(0);
  });

  it('dies of a pause of 300 s where it is transcribed, and not of silence that is sent', () => {
    const vendor = new Vendor();
    const transcribed = vendor.session().hears(noTone);
    const untranscribed = vendor.session(LT3, { input_audio_transcription: undefined }).hears(noTone);
    vendor.clock.advance(290_000);
    transcribed.hears(noTone);
    vendor.clock.advance(299_000);
    expect(transcribed.ended).toBeUndefined();
    vendor.clock.advance(1000);
    expect(transcribed.errors).toEqual([
      {
        type: 'transcription_error',
        code: 'UNEXPECTED_ASR_ERROR',
        message: 'statusCode=504, Response stream timeout (timeout_seconds=300)',
      },
    ]);
    expect(transcribed.ended).toMatchObject({ code: 1011 });
    expect(untranscribed.ended).toBeUndefined();
  });
});

describe('what is told of it all', () => {
  it('is when, with what, how much and how it ended, without the key', () => {
    const vendor = new Vendor({ script: { account: { keys: ['sk-secret'] } } });
    vendor.clock.advance(500);
    const client = vendor.connect(LT35, 'sk-secret').says(updateFor(LT35));
    client.utters('k01', 'k02').says(picture({ width: 320, height: 200 }));
    vendor.clock.advance(2000);
    client.pauses(100).leaves();
    const stats = vendor.simulator.stats();
    expect(stats.connections).toMatchObject([
      {
        number: 1,
        openedMs: 500,
        model: LT35,
        key: expect.stringMatching(/^[0-9a-f]{12}$/),
        configuration: { source: 'en', target: 'es', audio: true, voice: 'Tina' },
        images: [{ bytes: 1000, width: 320, height: 200 }],
        gapsMs: { longest: 5100, over200: 1, over1000: 1 },
        utterances: [{ number: 1, numberThere: 1, startMs: 0, endMs: 550, words: ['k01', 'k02'], replay: false }],
        violations: [],
        ended: { by: 'client' },
      },
    ]);
    const [connection] = stats.connections;
    expect(connection?.audioSeconds).toBeCloseTo(1.7, 5);
    expect(connection?.silenceSeconds).toBeCloseTo(1.2, 5);
    expect(connection?.tokens.input).toBeCloseTo(1.7 * 7 + (320 * 200) / 32 ** 2 / 2, 3);
    expect(connection?.tokens.output).toBeCloseTo(
      2 * 0.3 * 12.5 + ('es:k01 es:k02.'.length + 'k01 k02.'.length) / 4,
      3,
    );
    expect(JSON.stringify(stats)).not.toContain('sk-secret');
  });
});
