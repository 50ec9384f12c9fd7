import { describe, expect, it } from 'vitest';
import { type Frame, ScriptedService } from '../../../../support/livetranslate.ts';
import { base64, sentence, speech } from '../../../../support/livetranslate-sentence.ts';

describe('the voice', () => {
  const delta = (bytes: number[]): Frame => ({ type: 'response.audio.delta', item_id: 't', delta: base64(bytes) });
  const heard = (...frames: Frame[]): number[] =>
    new ScriptedService()
      .ready()
      .says(...frames)
      .of('audio')
      .flatMap(({ samples }) => samples);

  it('is little-endian samples, negative ones too', () => {
    expect(heard(delta([255, 255, 0, 128, 255, 127]))).toEqual([-1, -32_768, 32_767]);
  });

  it('is put together where a frame ends in the middle of a sample', () => {
    expect(heard(delta([1, 0, 2]), delta([0, 3]), delta([0]))).toEqual([1, 2, 3]);
  });

  it('does not begin with the click of a WAV header', () => {
    const header = [
      ...Buffer.from('RIFF\0\0\0\0WAVEfmt '),
      ...new Array<number>(20).fill(9),
      ...Buffer.from('data\x04\0\0\0'),
    ];
    expect(heard(delta([...header, 1, 0]), delta([2, 0]))).toEqual([1, 2]);
  });

  it('keeps what merely looks like a header later on', () => {
    expect(heard(delta([1, 0]), delta([...Buffer.from('RIFF')]))).toHaveLength(3);
  });

  it('ends once, and says nothing after its end', () => {
    const service = new ScriptedService()
      .ready()
      .says(delta([1, 0]), { type: 'response.audio.done', item_id: 't' }, delta([2, 0]), {
        type: 'response.audio.done',
        item_id: 't',
      });
    expect(service.told).toEqual([
      ['audio', { segment: 't', samples: [1] }],
      ['audioEnd', 't'],
    ]);
  });
});

describe('what it cannot use', () => {
  it('is counted and dropped, and the session goes on', () => {
    const service = new ScriptedService().ready();
    service.says('not json', '[]', '"text"', 'null', '{"type":5}', '{"type":"response.audio.delta","delta":{}}');
    service.saysBinary();
    expect(service.client.counters.malformedFrames).toBe(7);
    service.says({ type: 'something.new', event_id: 'n1' }, {});
    expect(service.client.counters.unknownFrames).toBe(2);
    service.says(...sentence);
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
  });

  it('may be the usage, without losing the response', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'response.audio_transcript.text', response_id: 'r', item_id: 't', text: 'Hola' },
        { type: 'response.done', response: { id: 'r', usage: { total_tokens: 'many' } } },
      );
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
    expect(service.of('usage')).toEqual([{ outputText: 1, total: 1, estimated: true }]);
  });

  it('is a listener that throws: the next event still comes', () => {
    let calls = 0;
    const closed: unknown[] = [];
    const service = new ScriptedService({
      events: {
        ready: () => {},
        contentFiltered: () => {},
        source: () => {
          calls++;
          throw new Error('a listener of its own');
        },
        translation: () => {},
        audio: () => {},
        audioEnd: () => {},
        usage: () => {},
        closed: (error) => closed.push(error),
      },
    }).ready();
    expect(() => service.says(...sentence)).not.toThrow();
    expect(calls).toBe(3);
    expect(closed).toEqual([]);
  });
});

describe('the end', () => {
  it('comes after what was said has come out', async () => {
    const service = new ScriptedService().ready();
    service.client.send(speech(130));
    const finished = service.client.finish();
    expect(service.sentAudio().map((chunk) => chunk.length)).toEqual([1600, 480]);
    expect(service.sentTypes().at(-1)).toBe('session.finish');
    service.says(...sentence, { type: 'session.finished' });
    await finished;
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
    expect(service.of('closed')).toEqual([undefined]);
    expect(service.closes).toBe(1);
  });

  it('is asked for once', () => {
    const service = new ScriptedService().ready();
    void service.client.finish();
    void service.client.finish();
    service.drains().drains();
    expect(service.sentTypes().filter((type) => type === 'session.finish')).toHaveLength(1);
  });

  it('waits for speech that the network has not taken yet', () => {
    const service = new ScriptedService().ready();
    service.bufferedBytes = 100_000;
    service.client.send(speech(100));
    void service.client.finish();
    expect(service.sentTypes()).toEqual(['session.update']);
    service.drains();
    expect(service.sentTypes()).toEqual(['session.update', 'input_audio_buffer.append', 'session.finish']);
  });

  it('waits for a session that is not ready yet', () => {
    const service = new ScriptedService();
    service.client.send(speech(100));
    void service.client.finish();
    service.ready();
    expect(service.sentTypes()).toEqual(['session.update', 'input_audio_buffer.append', 'session.finish']);
  });

  it('has its 20 s, though the connection came late', () => {
    const service = new ScriptedService();
    void service.client.finish();
    service.clock.advance(9000);
    service.opens().says({ type: 'session.created' });
    service.clock.advance(10_999);
    expect(service.of('closed')).toEqual([]);
    service.says({ type: 'session.updated' }, { type: 'session.finished' });
    expect(service.of('closed')).toEqual([undefined]);
  });

  it('comes after 20 s, though the service never confirms it', async () => {
    const service = new ScriptedService().ready();
    const finished = service.client.finish();
    service.clock.advance(19_999);
    expect(service.of('closed')).toEqual([]);
    service.clock.advance(1);
    await finished;
    expect(service.of('closed')).toEqual([undefined]);
  });

  it('is an error after 20 s, where the session never came to be', async () => {
    const service = new ScriptedService().opens();
    const finished = service.client.finish();
    service.clock.advance(20_000);
    await finished;
    expect(service.of('closed')).toMatchObject([{ class: 'transient' }]);
  });

  it('cuts the connection 2 s later where the close is not answered', () => {
    const service = new ScriptedService().ready();
    void service.client.finish();
    service.says({ type: 'session.finished' });
    service.clock.advance(1999);
    expect(service.terminated).toBe(0);
    service.clock.advance(1);
    expect(service.terminated).toBe(1);
    expect(service.clock.pending).toBe(0);
  });

  it('leaves no timer behind where it is answered', () => {
    const service = new ScriptedService().ready();
    void service.client.finish();
    service.says({ type: 'session.finished' }).ends({ type: 'closed', code: 1000, reason: '' });
    expect(service.clock.pending).toBe(0);
    expect(service.terminated).toBe(0);
  });

  it('is quiet where the service hangs up after it was asked to finish', async () => {
    const service = new ScriptedService().ready();
    const finished = service.client.finish();
    service.ends({ type: 'closed', code: 1000, reason: '' });
    await finished;
    expect(service.of('closed')).toEqual([undefined]);
  });

  it('is an error where the connection breaks instead', async () => {
    const service = new ScriptedService().ready();
    const finished = service.client.finish();
    service.ends({ type: 'closed', code: 1006, reason: '' });
    await finished;
    expect(service.of('closed')).toMatchObject([{ class: 'transient' }]);
  });

  it('comes at once by close, once, in any state, with nothing said after it', async () => {
    for (const until of [() => {}, (s: ScriptedService) => s.opens(), (s: ScriptedService) => s.ready()]) {
      const service = new ScriptedService();
      until(service);
      service.client.close();
      service.client.close();
      await service.client.finish();
      service.says(...sentence).ends({ type: 'closed', code: 1006, reason: '' });
      expect(service.told).toEqual([['closed', undefined]]);
      expect(service.clock.pending).toBe(0);
    }
  });
});
