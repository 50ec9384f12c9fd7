/**
 * Sessions of the translation service by themselves, without a room: speech in, text and speech out.
 *
 * @example
 * const openSession = openLiveTranslate({ url, model: 'qwen3-livetranslate-flash-realtime', key, clock, log });
 */
import '../process/require-node.ts';

export type { DialectName, Limits, Model, ModelVoice, Prices, Rates, TargetLanguage } from '../config/models.ts';
export { compressVoice } from './playout/compress-voice.ts';
export { MAX_TEMPO } from './playout/lag-controller.ts';
export { connectionLimiterFor, localConnectionLimiter, type OnWaitChanged } from './session/connection-limiter.ts';
export { type Connect, openLiveTranslate, type SocketTarget } from './session/livetranslate/connect.ts';
export { USUAL_LIMITS } from './session/livetranslate/image-gate.ts';
export { checkHotwords, settingsFor } from './session/livetranslate/settings.ts';
export { ImageError, toJpeg } from './session/livetranslate/to-jpeg.ts';
export { sumUsage } from './session/livetranslate/usage-meter.ts';
export {
  type OpenSession,
  type SegmentText,
  type SessionEvents,
  type SessionOptions,
  type SourceText,
  type TokenUsage,
  TranslationError,
  type TranslationSession,
} from './session/translation-session.ts';
export { hasChanged, type LumaThumbnail, lumaThumbnailOf } from './vision/picture-change.ts';
export { jpegOfPixels } from './vision/thumbnailer.ts';
export type { PictureSource } from './vision/video-target.ts';
