/** A room's captions from its server: a stream of events for each language, or one connection over WebRTC. */
import type { ReadLanguages } from '../../protocol/languages.ts';
import type { LiveSource, TokenProvider } from './caption-source.ts';
import { eventStreamSource } from './event-stream-source.ts';
import { combineSources } from './together.ts';

export interface ServedOptions {
  server: string;
  room: string;
  reads: ReadLanguages;
  token: TokenProvider;
  /** Whether asking again may bring another token. */
  renewable: boolean;
  via: 'events' | 'webrtc';
}

export const serverSource = ({ via, reads, ...options }: ServedOptions): LiveSource =>
  via === 'webrtc'
    ? joinedLater({ reads, ...options })
    : combineSources(reads.map((language) => eventStreamSource({ language, ...options })));

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
