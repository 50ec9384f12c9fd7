/** What the settings of all dialects have in common. */
import type { SessionSettings } from './settings.ts';

export const modalities = ({ speaks }: SessionSettings): string[] => (speaks ? ['text', 'audio'] : ['text']);

/** Required, though the vendor's pages call it optional. */
export const translation = ({ target, hotwords }: SessionSettings): object => ({
  language: target,
  ...(Object.keys(hotwords).length > 0 && { corpus: { phrases: hotwords } }),
});

/** The only model there is for what is said, in every dialect that names one. */
export const TRANSCRIPTION_MODEL = 'qwen3-asr-flash-realtime';
