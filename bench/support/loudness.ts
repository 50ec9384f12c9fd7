/** A detector for the words of the simulator, which are tones and nobody's voice: what is loud is said. */
import type { VoiceActivityDetector } from '../../bot/incoming/voice-activity-detector.ts';
import { level } from '../../bot/incoming/voice-gate.ts';

const LOUD_DB = -52;

export const loudness: VoiceActivityDetector = { hears: (samples) => level(samples) > LOUD_DB };
