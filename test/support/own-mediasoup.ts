/** What a page does that is in a room by itself, with a mediasoup-client of its own, and hands its captions to the widget. */
import { joinFromBrowser } from '../../client-widget/media/browser-room.ts';
import type { MessageChannelLike } from '../../client-widget/sources/attached-source.ts';

const { server, token, language } = Object.fromEntries(new URLSearchParams(location.search)) as Record<string, string>;
const connection = await joinFromBrowser({
  server: server ?? '',
  token: token ?? '',
  name: 'Somebody',
  preferences: { speaks: null, hears: 'original', reads: [], interpret: true, pictures: true },
});
const captions = connection.reply.participants
  .flatMap(({ dataProducers }) => dataProducers)
  .find(({ booth }) => booth?.role === 'captions' && booth.language === language);
const { consumer } = await connection.consumeData(captions?.id ?? '');
await customElements.whenDefined('booth-captions');
const element = document.querySelector('booth-captions') as unknown as { attach(channel: MessageChannelLike): void };
element.attach(consumer as unknown as MessageChannelLike);
