/**
 * `<booth-captions>` and `<booth-channels>`, for who imports `@mediasoup-booth/widget/vue`, in the templates of Vue 3. Vue has to be
 * told that they are elements and no components:
 * `vue({ template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith('booth-') } } })`.
 *
 * @example
 * <booth-captions show-speaker :lines="3" @languagechange="({ detail }) => store(detail.language)" />
 */

import type { DefineComponent, HTMLAttributes } from 'vue';
import type { BoothCaptions, BoothCaptionsEventMap, BoothChannels, BoothChannelsEventMap } from './widget.js';

type Listeners<Events> = {
  [Type in keyof Events & string as `on${Capitalize<Type>}`]?: (event: Events[Type]) => void;
};

interface ConnectionAttributes {
  server?: string;
  room?: string;
  token?: string;
  getToken?: () => string | Promise<string>;
  language?: string;
  overlay?: boolean;
}

export type BoothCaptionsProps = ConnectionAttributes &
  Partial<
    Pick<
      BoothCaptions,
      'both' | 'via' | 'showSpeaker' | 'lines' | 'size' | 'place' | 'tentative' | 'controls' | 'history' | 'languages'
    >
  > &
  Listeners<BoothCaptionsEventMap> &
  Omit<HTMLAttributes, 'onState'>;

export type BoothChannelsProps = ConnectionAttributes &
  Partial<Pick<BoothChannels, 'balance' | 'delay' | 'muted'>> &
  Listeners<BoothChannelsEventMap> &
  HTMLAttributes;

interface BoothElements {
  BoothCaptions: DefineComponent<BoothCaptionsProps>;
  BoothChannels: DefineComponent<BoothChannelsProps>;
  'booth-captions': DefineComponent<BoothCaptionsProps>;
  'booth-channels': DefineComponent<BoothChannelsProps>;
}

declare module 'vue' {
  interface GlobalComponents extends BoothElements {}
}
