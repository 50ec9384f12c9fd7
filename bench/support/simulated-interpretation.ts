/** An interpreter in a scripted room, in fake time, with the simulated vendor as its translation service. */

import type { ParticipantView } from '@mediasoup-booth/protocol';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { Interpreter, type InterpreterOptions } from '../../bot/interpreter.ts';
import type { ConnectionLimiter } from '../../bot/session/connection-limiter.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import { modelNamed, qwen3 } from '../../config/models.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { Simulator } from '../../engine/scripted/simulator.ts';
import type { Clock } from '../../time/clock.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { ScriptedRoom } from './scripted-room.ts';
import { silentLog } from './silent-log.ts';
import { simulatedDial } from './simulated-service.ts';

/** Turns of the microtask queue that are run after each step of time. */
const PROMISES_A_STEP = 8;
const PROMISES_TO_OPEN = 100;

export interface SimulatedInterpretationOptions {
  /** Default: Qwen3-LiveTranslate. */
  model?: string;
  /** The script of the simulated vendor. */
  script?: ScriptInput;
  seed?: number;
  /** The account's connection limit. Default: none. */
  connectionLimiter?(clock: Clock): ConnectionLimiter;
  /** Options of the interpreter that replace the defaults of this class. */
  interpreter?: Partial<InterpreterOptions>;
}

export class SimulatedInterpretation {
  readonly clock = new FakeClock();
  readonly simulator: Simulator;
  readonly room: ScriptedRoom;
  readonly interpreter: Interpreter;

  constructor(people: readonly ParticipantView[], options: SimulatedInterpretationOptions = {}) {
    const { model = qwen3.id, script, seed = 1, connectionLimiter } = options;
    this.simulator = new Simulator({ clock: this.clock, seed, script: { paraphrases: false, ...script } });
    this.room = new ScriptedRoom(this.clock, ...people);
    const { clock, simulator, room } = this;
    if (connectionLimiter) room.connectionLimiter = connectionLimiter(clock);
    this.interpreter = new Interpreter({
      connection: room,
      openSession: openLiveTranslate({
        url: 'ws://simulated',
        model,
        clock,
        log: silentLog,
        connect: () => simulatedDial(simulator, { model, clock }),
      }),
      model: modelNamed(model),
      languages: 'auto',
      sessionIdleTimeoutMs: 240_000,
      playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
      random: () => 0,
      clock,
      log: silentLog,
      ...options.interpreter,
    });
  }

  /** Resolves when microphones are received and channels are published. */
  async started(): Promise<void> {
    await codecsCompiled();
    await promises(PROMISES_TO_OPEN);
  }

  /** Adds a participant, or changes their preferences. */
  has(participant: ParticipantView): void {
    this.room.participants.set(participant.id, participant);
    this.interpreter.reconcile();
  }

  leaves(id: string): void {
    this.room.participants.delete(id);
    this.interpreter.reconcile();
  }

  /** Sends human speech, for which the simulator makes up words, and then pauses. */
  async says(id: string, ms: number, pauseMs = 4000): Promise<void> {
    await this.room.says(id, ms);
    await this.passTime(pauseMs);
  }

  async passTime(ms: number, stepMs = 100): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(stepMs);
      await promises(PROMISES_A_STEP);
    }
  }

  close(): void {
    this.interpreter.close();
  }
}

/**
 * Compiles Opus, which takes turns of the real event loop once per process. Codecs are then created without such turns, so that code which
 * waits for one continues in fake time.
 */
export async function codecsCompiled(): Promise<void> {
  (await createOpusDecoder()).close();
}

/** Runs `count` turns of the microtask queue. */
export async function promises(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}
