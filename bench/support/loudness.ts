/** A detector for the words of the simulator, which are tones and nobody's voice: what is loud is said. */

import { levelDb } from '../../audio/level.ts';
import type { VoiceActivityDetector } from '../../bot/incoming/voice-activity-detector.ts';

const LOUD_DB = -52;

export const loudnessDetector: VoiceActivityDetector = { push: (samples) => levelDb(samples) > LOUD_DB };
