import { expectTypeOf, it } from 'vitest';
import type { BoothCaptions as Element } from '../../../client-widget/captions/booth-captions.ts';
import type { BoothCaptions, Caption as PublicCaption } from '../../../client-widget/public/widget.d.ts';
import type { Caption } from '../../../protocol/room-messages.ts';

type Public = Omit<BoothCaptions, keyof HTMLElement>;

/** Checked by the compiler: what is promised to those who install the widget is what there is. */
it('the types that are published are those of the element', () => {
  expectTypeOf<Pick<Element, keyof Public>>().toExtend<Public>();
  expectTypeOf<Public>().toExtend<Pick<Element, keyof Public>>();
  expectTypeOf<Caption>().toEqualTypeOf<PublicCaption>();
});
