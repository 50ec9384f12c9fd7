/** A voice activity detector for the simulator's words, which are tones: takes everything loud for speech. */

import { levelDb } from '../../audio/level.ts';
import type { VoiceActivityDetector } from '../../bot/incoming/voice-activity-detector.ts';

const LOUD_DB = -52;

export const loudnessDetector: VoiceActivityDetector = { push: (samples) => levelDb(samples) > LOUD_DB };
