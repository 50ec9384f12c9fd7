import type { CaptionMessage } from '@mediasoup-booth/protocol';
import { expectTypeOf, it } from 'vitest';
import type { BoothCaptions as Element } from '../../../client-widget/captions/booth-captions.ts';
import type { BoothChannels as ChannelsElement } from '../../../client-widget/channels/booth-channels.ts';
import type { meeting } from '../../../client-widget/meeting.ts';
import type { meeting as publicMeeting } from '../../../client-widget/public/meeting.d.ts';
import type { BoothCaptions, BoothChannels, Caption as PublicCaption } from '../../../client-widget/public/widget.d.ts';

type Public = Omit<BoothCaptions, keyof HTMLElement>;
type PublicChannels = Omit<BoothChannels, keyof HTMLElement>;

/** Checked by the compiler: what is promised to those who install the widget is what there is. */
it('the published types match the elements', () => {
  expectTypeOf<Pick<Element, keyof Public>>().toExtend<Public>();
  expectTypeOf<Public>().toExtend<Pick<Element, keyof Public>>();
  expectTypeOf<Pick<ChannelsElement, keyof PublicChannels>>().toExtend<PublicChannels>();
  expectTypeOf<PublicChannels>().toExtend<Pick<ChannelsElement, keyof PublicChannels>>();
  expectTypeOf<typeof meeting>().toExtend<typeof publicMeeting>();
  expectTypeOf<CaptionMessage>().toEqualTypeOf<PublicCaption>();
});
