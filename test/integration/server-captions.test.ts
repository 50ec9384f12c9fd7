import type { CaptionMessage } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Guest } from '../support/meeting.ts';
import { interpreter, join, person, startTestServer, type TestServer, type Who } from '../support/server.ts';

/** Over real ICE, DTLS and SCTP: what an interpreter sends is what who joins later reads. */
describe('captions', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const participant = async (who: Who) => (await Guest.enter(server, who)).room;

  let seq = 0;
  const caption = (utterance: string, change: Partial<CaptionMessage>): string =>
    JSON.stringify({
      v: 1,
      type: 'caption',
      seq: ++seq,
      language: 'es',
      speaker: { id: 'ben', name: 'Ben' },
      utterance,
      kind: 'translation',
      stable: '',
      final: false,
      start: seq,
      ...change,
    });

  /** What a newcomer is told, once it is as expected. */
  const newcomerReads = async (room: string, expected: string[]) => {
    const read = async () => {
      const late = await join(server, person('late', { room }));
      late.leave();
      return late.reply.captions.map((message) => (message.type === 'caption' ? message.stable : message.type));
    };
    await expect.poll(read).toEqual(expected);
  };

  it('are kept for who joins later: finals and open partials, and nothing that is wrong', async () => {
    await join(server, person('ben', { room: 'late', name: 'Ben' }));
    const booth = await participant(interpreter('booth', { room: 'late' }));
    const captions = booth.publishCaptions('es');
    captions.send(caption('one', { stable: 'Buenos' }));
    captions.send('{"not":"a room message"}');
    captions.send(caption('one', { stable: 'Buenos días', final: true }));
    captions.send(caption('french', { stable: 'Bonjour', language: 'fr', final: true }));
    captions.send(caption('two', { stable: 'Hoy hablamos', tentative: ' de' }));
    await newcomerReads('late', ['Buenos días', 'Hoy hablamos']);

    captions.send(caption('two', { stable: 'Hoy hablamos de agua', final: true }));
    captions.send(caption('three', { stable: 'Y' }));
    await newcomerReads('late', ['Buenos días', 'Hoy hablamos de agua', 'Y']);

    booth.close();
    await newcomerReads('late', ['Buenos días', 'Hoy hablamos de agua']);
  });

  it('reach who is there, as they were sent', async () => {
    await join(server, person('ben', { room: 'live', name: 'Ben' }));
    const booth = await participant(interpreter('booth', { room: 'live' }));
    const ana = await participant(person('ana', { room: 'live' }));
    const captions = booth.publishCaptions('es');
    const producers = () => ana.participants.get('booth')?.dataProducers ?? [];
    await expect.poll(producers).toHaveLength(1);
    const heard: string[] = [];
    await ana.receiveTexts(producers()[0]?.id ?? '', (text) => heard.push(text));
    const sent = Array.from({ length: 20 }, (_, n) => caption('u', { stable: 'x'.repeat(n), final: n === 19 }));
    for (const text of sent) captions.send(text);
    await expect.poll(() => heard).toEqual(sent);
    ana.close();
    booth.close();
  });

  it('reach who chooses their language later: those since they joined first, then the new ones, each once', async () => {
    await join(server, person('ben', { room: 'chosen', name: 'Ben' }));
    const booth = await participant(interpreter('booth', { room: 'chosen' }));
    const [spanish, french] = [booth.publishCaptions('es'), booth.publishCaptions('fr')];
    spanish.send(caption('before', { stable: 'Antes', final: true }));
    await newcomerReads('chosen', ['Antes']);
    const ana = await participant(person('ana', { room: 'chosen' }));
    const missed = [
      caption('one', { stable: 'Buenos días', final: true }),
      caption('two', { stable: 'Hoy hablamos' }),
      caption('two', { stable: 'Hoy hablamos de agua' }),
    ];
    for (const text of missed) spanish.send(text);
    french.send(caption('autre', { stable: 'Bonjour', language: 'fr', final: true }));
    await newcomerReads('chosen', ['Antes', 'Buenos días', 'Hoy hablamos de agua', 'Bonjour']);

    const heard: string[] = [];
    const label = (id: string) =>
      ana.participants.get('booth')?.dataProducers.find(({ booth }) => booth?.language === id);
    await ana.receiveTexts(label('es')?.id ?? '', (text) => heard.push(text));
    const later = caption('three', { stable: 'Y', final: true });
    spanish.send(later);
    const parsed = (texts: readonly (string | undefined)[]) => texts.map((text) => JSON.parse(text ?? ''));
    await expect.poll(() => parsed(heard)).toEqual(parsed([missed[0], missed[2], later]));
    ana.close();
    booth.close();
  });

  it('in the name of somebody who never was in the room reach nobody, and of somebody who left do', async () => {
    const ben = await join(server, person('ben', { room: 'names', name: 'Ben' }));
    const booth = await participant(interpreter('booth', { room: 'names' }));
    const ana = await participant(person('ana', { room: 'names' }));
    ben.leave();
    const captions = booth.publishCaptions('es');
    const producers = () => ana.participants.get('booth')?.dataProducers ?? [];
    await expect.poll(producers).toHaveLength(1);
    const heard: string[] = [];
    await ana.receiveTexts(producers()[0]?.id ?? '', (text) => heard.push(text));
    captions.send(caption('forged', { stable: 'Firmado', final: true, speaker: { id: 'boss', name: 'The boss' } }));
    captions.send(caption('renamed', { stable: 'Firmado', final: true, speaker: { id: 'ben', name: 'The boss' } }));
    captions.send('{"not":"a room message"}');
    const said = caption('said', { stable: 'Adiós', final: true });
    captions.send(said);
    await expect.poll(() => heard).toEqual([said]);
    await newcomerReads('names', ['Adiós']);
    ana.close();
    booth.close();
  });
});
