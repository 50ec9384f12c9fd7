/** A source of interpretation channels: the languages that can be heard, and the one that is. */
import type { HeardLanguage, LanguageCode } from '@mediasoup-booth/protocol';
import type { Watched } from '../state/store.ts';

export interface ChannelChoice {
  /** Languages that have a synthetic voice. */
  voices: readonly LanguageCode[];
  hears: HeardLanguage;
}

export interface ChannelSource {
  readonly channels: Watched<ChannelChoice>;
  selectChannel(hears: HeardLanguage): void;
}
