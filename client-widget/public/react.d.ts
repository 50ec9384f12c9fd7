/**
 * `<booth-captions>` and `<booth-channels>`, for who imports `@mediasoup-booth/widget/react`, in the JSX of React 18 and 19.
 *
 * @example
 * <booth-captions show-speaker lines={3} />
 */

import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { BoothCaptions, BoothCaptionsEventMap, BoothChannels, BoothChannelsEventMap } from './widget.js';

/** React 19 listens to an event `state` by the property `onstate`; earlier versions need `addEventListener`. */
type Listeners<Events> = { [Type in keyof Events & string as `on${Type}`]?: (event: Events[Type]) => void };

type Props<Element, Attributes, Events> = Omit<DetailedHTMLProps<HTMLAttributes<Element>, Element>, keyof Attributes> &
  Attributes &
  Listeners<Events>;

interface ConnectionAttributes {
  server?: string;
  room?: string;
  token?: string;
  language?: string;
  overlay?: boolean;
}

export type BoothCaptionsProps = Props<
  BoothCaptions,
  ConnectionAttributes & {
    both?: boolean;
    via?: 'events' | 'webrtc';
    'show-speaker'?: boolean;
    lines?: number | `${number}`;
    size?: number | `${number}`;
    place?: 'bottom' | 'top';
    tentative?: 'on' | 'off';
    controls?: 'on' | 'open' | 'off';
    history?: boolean;
  },
  BoothCaptionsEventMap
>;

export type BoothChannelsProps = Props<
  BoothChannels,
  ConnectionAttributes & {
    balance?: number | `${number}`;
    delay?: number | `${number}`;
    muted?: boolean;
  },
  BoothChannelsEventMap
>;

interface BoothElements {
  'booth-captions': BoothCaptionsProps;
  'booth-channels': BoothChannelsProps;
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends BoothElements {}
  }
}

declare global {
  /** Where React 18 looks. */
  namespace JSX {
    interface IntrinsicElements extends BoothElements {}
  }
}
