/** What a session takes, as reported and as reckoned, and what that costs. */
import { describe, expect, it } from 'vitest';
import { sumUsage } from '../../../../../bot/session/livetranslate/usage-meter.ts';
import { type Prices, qwen3, regionOf } from '../../../../../config/models.ts';
import { cost } from '../../../../../config/prices.ts';
import { type Frame, models, ScriptedService } from '../../../../support/livetranslate.ts';

const seconds = (count: number, rate: number): Int16Array => new Int16Array(count * rate);
const spoken = (count: number): Frame => {
  const samples = seconds(count, 24_000);
  return { type: 'response.audio.delta', item_id: 't', delta: Buffer.from(samples.buffer).toString('base64') };
};
const translated = (text: string): Frame => ({
  type: 'response.audio_transcript.done',
  item_id: 't',
  transcript: text,
});
const heard = (text: string): Frame => ({
  type: 'conversation.item.input_audio_transcription.completed',
  item_id: 's',
  transcript: text,
});
const done = (usage?: object, id = 'r'): Frame => ({ type: 'response.done', response: { id, usage } });
/** 1288 × 728 is 46 × 26 squares of 28 pixels. */
const slide = Uint8Array.from([
  0xff,
  0xd8,
  0xff,
  0xc0,
  0,
  11,
  8,
  728 >> 8,
  728 & 255,
  1288 >> 8,
  1288 & 255,
  1,
  1,
  0,
  0,
]);

function sending(secondsSent: number, options: ConstructorParameters<typeof ScriptedService>[0] = {}): ScriptedService {
  const service = new ScriptedService(options).ready();
  service.client.send(seconds(secondsSent, 16_000));
  return service;
}

const reported = {
  total_tokens: 56,
  input_tokens: 47,
  output_tokens: 9,
  input_tokens_details: { text_tokens: 20, audio_tokens: 27 },
  output_tokens_details: { text_tokens: 2, audio_tokens: 7 },
};

describe('what the service reports', () => {
  it('counts, and nothing is reckoned beside it', () => {
    const service = sending(4).says(spoken(2), heard('Good morning.'), translated('Buenos días.'), done(reported));
    expect(service.of('usage')).toEqual([{ inputAudio: 27, inputText: 20, outputText: 2, outputAudio: 7, total: 56 }]);
  });

  it('counts once, however often the end of a response comes', () => {
    const service = sending(0).says(done(reported), { ...done(reported), event_id: 'again' }, done(reported, 'r2'));
    expect(service.of('usage')).toHaveLength(2);
  });

  it('has the picture in it, where it is more than speech and text', () => {
    const service = sending(4);
    service.client.sendImage(slide);
    service.says(done({ ...reported, input_tokens: 647, total_tokens: 656 }));
    expect(service.of('usage')).toMatchObject([{ inputAudio: 27, inputText: 20, inputImage: 600, total: 656 }]);
    expect(service.of('usage')[0]).not.toHaveProperty('estimated');
  });

  it('may name the picture', () => {
    const details = { text_tokens: 20, audio_tokens: 27, image_tokens: 598 };
    const service = sending(4).says(done({ ...reported, input_tokens_details: details }));
    expect(service.of('usage')).toMatchObject([{ inputImage: 598 }]);
  });

  it('is not added to, where it tells of the whole input and of no picture', () => {
    const service = sending(4);
    service.client.sendImage(slide);
    service.says(done(reported));
    expect(service.of('usage')[0]).not.toHaveProperty('inputImage');
  });

  it('is completed where it leaves something out, and says so', () => {
    const service = sending(4);
    service.client.sendImage(slide);
    service.says(
      spoken(2),
      translated('12345678'),
      done({ total_tokens: 900, input_tokens_details: { audio_tokens: 27 } }),
    );
    expect(service.of('usage')).toEqual([
      { inputAudio: 27, inputImage: 598, outputText: 2, outputAudio: 25, total: 900, estimated: true },
    ]);
  });
});

describe('what the service does not report', () => {
  it.each([
    ['lt3', 125, 598],
    ['lt3.5', 70, Math.floor((1288 * 728) / 32 ** 2 / 2)],
    ['lt3.8', 70, Math.floor((1288 * 728) / 32 ** 2 / 2)],
  ] as const)('is reckoned by the rates of %s', (model, inputAudio, inputImage) => {
    const service = sending(10, { model });
    service.client.sendImage(slide);
    service.says(spoken(8), heard('12345678'), translated('123456789012'), done());
    expect(service.of('usage')).toEqual([
      {
        inputAudio,
        inputImage,
        outputText: 5,
        outputAudio: 100,
        total: inputAudio + inputImage + 105,
        estimated: true,
      },
    ]);
  });

  it('counts ideographs as more than letters', () => {
    const service = sending(0).says(translated('早上好。おはよう'), done());
    expect(service.of('usage')).toMatchObject([{ outputText: 7 }]);
  });

  it('is counted in one bill alone', () => {
    const service = sending(10).says(done(undefined, 'r1'));
    service.client.send(seconds(2, 16_000));
    service.says(done(undefined, 'r2'), done(undefined, 'r3'));
    expect(service.of('usage').map(({ inputAudio }) => inputAudio)).toEqual([125, 25]);
  });

  it('is told before the end, where no response came for it', () => {
    const service = sending(10);
    service.client.close();
    expect(service.told).toEqual([
      ['usage', { inputAudio: 125, total: 125, estimated: true }],
      ['closed', undefined],
    ]);
  });

  it('is not the speech that was never sent', () => {
    const service = new ScriptedService();
    service.client.send(seconds(10, 16_000));
    service.client.close();
    expect(service.of('usage')).toEqual([]);
  });

  it('is what was heard and not wanted, too', () => {
    const service = sending(0, { target: 'en' }).says(spoken(8), done());
    expect(service.of('audio')).toEqual([]);
    expect(service.of('usage')).toMatchObject([{ outputAudio: 100 }]);
  });

  it('stays unknown where there are no rates', () => {
    const service = sending(10, { model: 'offline' }).says(spoken(8), translated('Hola'), done());
    service.client.close();
    expect(service.of('usage')).toEqual([]);
  });
});

describe('the cost', () => {
  const prices: Prices = {
    region: 'international',
    currency: 'USD',
    audioIn: 10,
    imageIn: 1,
    textOut: 20,
    audioOut: 40,
    asOf: '2026',
    source: 'a list',
  };

  it('is each kind of token at its own price', () => {
    const million = { inputAudio: 1e6, inputImage: 1e6, inputText: 1e6, outputText: 1e6, outputAudio: 1e6, total: 5e6 };
    expect(cost(million, prices)).toBe(71);
    expect(cost({ inputAudio: 1e6 }, prices)).toBe(10);
    expect(cost({ inputImage: 1e6 }, prices)).toBe(1);
    expect(cost({ outputText: 1e6 }, prices)).toBe(20);
    expect(cost({ outputAudio: 1e6 }, prices)).toBe(40);
  });

  it('of a minute each way is what the vendor’s prices come to', () => {
    const list = qwen3.prices.find(({ region }) => region === regionOf(qwen3.url ?? ''));
    expect(cost({ inputAudio: 750, outputAudio: 750 }, list)).toBeCloseTo(0.036, 6);
  });

  it('is not known without prices or without parts', () => {
    expect(cost({ inputAudio: 1 }, undefined)).toBeUndefined();
    expect(cost({ inputAudio: 1 }, models['lt3.5'].prices[0])).toBeUndefined();
    expect(cost({}, prices)).toBeUndefined();
  });
});

describe('the sum', () => {
  it('has what any has, and is an estimate where one is', () => {
    expect(
      sumUsage([
        { inputAudio: 1, total: 1 },
        { inputAudio: 2, outputText: 3, total: 5, estimated: true },
      ]),
    ).toEqual({
      inputAudio: 3,
      outputText: 3,
      total: 6,
      estimated: true,
    });
    expect(sumUsage([{ total: 1 }])).toEqual({ total: 1 });
    expect(sumUsage([])).toEqual({});
  });
});
