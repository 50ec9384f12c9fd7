/** People who speak another language than they declared, in fake time: the simulated vendor hears it, the interpreter tells them. */

import type { ParticipantView } from '@mediasoup-booth/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedInterpretation } from '../../../bench/support/simulated-interpretation.ts';
import { listener, person } from '../../../bench/support/views.ts';
import { qwen3, qwen35, qwen38 } from '../../../config/models.ts';

/** Minutes of speech in fake time take seconds of real time. */

let room: SimulatedInterpretation;
afterEach(() => room.close());

const readers = [listener('luc', { reads: ['fr'] }), listener('eva', { reads: ['de', 'original'] })];

async function startRoom(model: string, ...speakers: ParticipantView[]): Promise<SimulatedInterpretation> {
  room = new SimulatedInterpretation([...speakers, ...readers], { model, script: { language: 'es' } });
  await room.started();
  return room;
}

/** In which languages a person's originals were captioned, each time that changed. */
const labels = (): string[] => {
  const originals = ['en', 'es'].flatMap((language) => room.room.messages(language));
  return [
    ...new Set(
      originals.flatMap((message) =>
        message.type === 'caption' && message.kind === 'original' ? [message.language] : [],
      ),
    ),
  ];
};

describe('a model that hears which language is spoken', () => {
  it('has the speaker told once, after their second sentence, into however many languages they are interpreted', async () => {
    await startRoom(qwen38.id, person('ann'));
    await room.says('ann', 3000);
    expect(room.room.suggested).toEqual([]);
    for (let i = 0; i < 3; i++) await room.says('ann', 3000);
    expect(room.room.suggested).toEqual(['ann: es']);
    expect(labels(), 'until they say otherwise').toEqual(['en']);
  });

  it('has them told nothing of what they declare', async () => {
    await startRoom(qwen38.id, person('ann', { speaks: 'es' }));
    for (let i = 0; i < 3; i++) await room.says('ann', 3000);
    expect(room.room.suggested).toEqual([]);
  });

  it('has them told nothing more once they have changed it, and what they say is captioned as that', async () => {
    await startRoom(qwen38.id, person('ann'));
    for (let i = 0; i < 2; i++) await room.says('ann', 3000);
    room.has(person('ann', { speaks: 'es' }));
    for (let i = 0; i < 3; i++) await room.says('ann', 3000);
    expect(room.room.suggested).toEqual(['ann: es']);
    expect(labels()).toEqual(['en', 'es']);
  });

  it('has each told of what they speak themselves', async () => {
    await startRoom(qwen38.id, person('ann'), person('ben', { speaks: 'es' }), person('cleo', { speaks: 'it' }));
    for (let i = 0; i < 2; i++) for (const id of ['ann', 'ben', 'cleo']) await room.says(id, 3000);
    expect(room.room.suggested).toEqual(['ann: es', 'cleo: es']);
  });

  it('has them told again when they come again', async () => {
    await startRoom(qwen38.id, person('ann'));
    for (let i = 0; i < 2; i++) await room.says('ann', 3000);
    room.leaves('ann');
    await room.passTime(30_000);
    room.has(person('ann'));
    await room.started();
    for (let i = 0; i < 2; i++) await room.says('ann', 3000);
    expect(room.room.suggested).toEqual(['ann: es', 'ann: es']);
  });
});

describe.each([qwen3.id, qwen35.id])('%s, which hears what it is told to hear', (model) => {
  it('has nobody told anything', async () => {
    await startRoom(model, person('ann'));
    for (let i = 0; i < 3; i++) await room.says('ann', 3000);
    expect(room.room.suggested).toEqual([]);
    expect(labels()).toEqual(['en']);
  });
});
