/** How well the voice gate tells speech from noise, and what that costs. */

import { humanSpeech } from '../../bench/support/speech.ts';
import { VoiceGate } from '../../bot/incoming/voice-gate.ts';
import { atLevel, type Noise, noises, toPcm } from './noise.ts';

const RATE = 16_000;
const FRAME = 320;
const LEAD_SAMPLES = 2 * RATE;
const SPEECH_DB = -26;
/** Softer than the loudest 20 ms by more than this is breath, or the room. */
const AUDIBLE_DB = 25;

export interface HeardPrompt {
  /** The first sound of the first word did not come through. */
  clipped: boolean;
  /** From that sound to the gate's opening; 0 where noise had opened it already. */
  openedAfterMs: number;
  /** Of what is audible of the prompt, how much came through. */
  share: number;
  /** The noise before it had opened the gate. */
  openedByNoise: boolean;
}

/** Somebody says a recorded prompt in a noise that was there 2 s before. */
export function hearPrompt(name: string, noise: Noise, snrDb: number): HeardPrompt {
  const speech = Float32Array.from(humanSpeech(name).samples, (sample) => sample / 32_768);
  const audible = audibleFrames(speech);
  const said = atLevelOfWords(speech, audible);
  const sound = atLevel(noises[noise](LEAD_SAMPLES + said.length + RATE), SPEECH_DB - snrDb);
  said.forEach((value, i) => {
    sound[LEAD_SAMPLES + i] = (sound[LEAD_SAMPLES + i] ?? 0) + value;
  });
  const { through, openAt } = letThrough(toPcm(sound));
  const lead = LEAD_SAMPLES / FRAME;
  const onset = lead + audible.indexOf(true);
  const heard = audible.filter((is, i) => is && through[lead + i]).length;
  return {
    clipped: !through[onset],
    openedAfterMs: Math.max(0, (openAt.findIndex((open, i) => open && i >= onset) - onset) * 20),
    share: heard / audible.filter(Boolean).length,
    openedByNoise: openAt.slice(0, lead).includes(true),
  };
}

/** The share of the time for which a noise holds the gate open. */
export function openShare(noise: Noise, db: number, seconds = 20): number {
  const { openAt } = letThrough(toPcm(atLevel(noises[noise](seconds * RATE), db)));
  return openAt.filter(Boolean).length / openAt.length;
}

/** Processor time of the gate for each second of a speaker, in milliseconds. */
export function gateCost(seconds = 20): number {
  const { samples } = humanSpeech('demo-nogo');
  const gate = new VoiceGate();
  const began = process.cpuUsage();
  for (let at = 0; at < seconds * RATE; at += FRAME)
    gate.push(samples.subarray(at % (samples.length - FRAME), (at % (samples.length - FRAME)) + FRAME));
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / seconds;
}

/** Frame by frame: what came through, early or late, and whether the gate was open then. */
function letThrough(sound: Int16Array): { through: boolean[]; openAt: boolean[] } {
  const gate = new VoiceGate();
  const frames = Math.floor(sound.length / FRAME);
  const through: boolean[] = Array(frames).fill(false);
  const openAt: boolean[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const parts = gate.push(sound.subarray(frame * FRAME, (frame + 1) * FRAME)).length;
    through.fill(true, frame + 1 - parts, frame + 1);
    openAt.push(gate.isOpen);
  }
  return { through, openAt };
}

function audibleFrames(speech: Float32Array): boolean[] {
  const energy: number[] = [];
  for (let at = 0; at + FRAME <= speech.length; at += FRAME)
    energy.push(speech.subarray(at, at + FRAME).reduce((sum, value) => sum + value * value, 0));
  const least = Math.max(...energy) / 10 ** (AUDIBLE_DB / 10);
  return energy.map((value) => value > least);
}

/** The level is that of the words, the pauses between them left out. */
function atLevelOfWords(speech: Float32Array, audible: readonly boolean[]): Float32Array {
  const words = speech.filter((_, i) => audible[Math.floor(i / FRAME)]);
  const gain = 10 ** (SPEECH_DB / 20) / Math.sqrt(words.reduce((sum, value) => sum + value * value, 0) / words.length);
  return speech.map((value) => value * gain);
}
