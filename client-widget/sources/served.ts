/** A room's captions from its server: a stream of events for each language, or one connection over WebRTC. */
import type { Read } from '../../protocol/languages.ts';
import type { LiveListener, LiveSource, TokenOf } from '../captions/source.ts';
import { EventCaptions } from './events.ts';
import { Together } from './together.ts';

export interface ServedOptions {
  server: string;
  room: string;
  reads: Read;
  token: TokenOf;
  /** Whether asking again may bring another token. */
  renewable: boolean;
  via: 'events' | 'webrtc';
}

export function served({ via, reads, ...options }: ServedOptions): LiveSource {
  if (via === 'webrtc') return new Later({ reads, ...options });
  return new Together(reads.map((language) => new EventCaptions({ language, ...options })));
}

/** Loads what weighs most when it is opened. */
class Later implements LiveSource {
  readonly #options: Omit<ServedOptions, 'via'>;

  constructor(options: Omit<ServedOptions, 'via'>) {
    this.#options = options;
  }

  open(listener: LiveListener): () => void {
    let close = () => {};
    let open = true;
    listener.connection({ is: 'connecting' });
    import('./joined.ts').then(
      ({ JoinedCaptions }) => {
        if (open) close = new JoinedCaptions(this.#options).open(listener);
      },
      () =>
        open &&
        listener.connection({ is: 'ended', message: 'A part of the captions could not be loaded: reload the page.' }),
    );
    return () => {
      open = false;
      close();
    };
  }
}
