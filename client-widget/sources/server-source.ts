/** A room's captions from its server: a stream of events for each language, or one connection over WebRTC. */
import type { ReadLanguages } from '../../protocol/languages.ts';
import type { LiveSource, TokenOf } from './caption-source.ts';
import { events } from './event-stream-source.ts';
import { together } from './together.ts';

export interface ServedOptions {
  server: string;
  room: string;
  reads: ReadLanguages;
  token: TokenOf;
  /** Whether asking again may bring another token. */
  renewable: boolean;
  via: 'events' | 'webrtc';
}

export const served = ({ via, reads, ...options }: ServedOptions): LiveSource =>
  via === 'webrtc'
    ? joinedLater({ reads, ...options })
    : together(reads.map((language) => events({ language, ...options })));

/** Loads what weighs most when it is opened. */
const joinedLater = (options: Omit<ServedOptions, 'via'>): LiveSource => ({
  open(listener) {
    let close = () => {};
    let open = true;
    listener.connection({ is: 'connecting' });
    import('./joined.ts').then(
      ({ joined }) => {
        if (open) close = joined(options).open(listener);
      },
      () =>
        open &&
        listener.connection({ is: 'ended', message: 'Captions could not be loaded: reload the page.', code: '' }),
    );
    return () => {
      open = false;
      close();
    };
  },
});
