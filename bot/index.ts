export { TranslationError } from './session/translation-session.ts';
