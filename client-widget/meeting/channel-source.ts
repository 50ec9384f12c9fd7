/** Where voices come from: the languages that a meeting can be heard in, and which of them is. */
import type { HeardLanguage, LanguageCode } from '../../protocol/languages.ts';
import type { Watched } from '../state/store.ts';

export interface ChannelChoice {
  /** Languages with a voice. */
  voices: readonly LanguageCode[];
  hears: HeardLanguage;
}

export interface ChannelSource {
  readonly channels: Watched<ChannelChoice>;
  selectChannel(hears: HeardLanguage): void;
}
