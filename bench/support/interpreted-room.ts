/** The interpreter in a room of a test's, in fake time, with the simulated vendor behind it. */
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { Interpreter, type InterpreterOptions } from '../../bot/interpreter.ts';
import type { ConnectionLimiter } from '../../bot/session/connection-limiter.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import { modelNamed, qwen3 } from '../../config/models.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { Simulator } from '../../engine/scripted/simulator.ts';
import type { ParticipantView } from '../../protocol/rooms.ts';
import type { Clock } from '../../time/clock.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { ScriptedRoom } from './scripted-room.ts';
import { silentLog } from './silent-log.ts';
import { simulatedDial } from './simulated-service.ts';

/** So many promises may follow one from the other within a step of time. */
const PROMISES_A_STEP = 8;
const PROMISES_TO_OPEN = 100;

export interface InterpretedRoomOptions {
  /** Default: the model of the middle generation. */
  model?: string;
  /** What the simulated vendor does. */
  script?: ScriptInput;
  seed?: number;
  /** The account's. Default: none. */
  connectionLimiter?(clock: Clock): ConnectionLimiter;
  /** What the interpreter is to be beyond its defaults here. */
  interpreter?: Partial<InterpreterOptions>;
}

export class InterpretedRoom {
  readonly clock = new FakeClock();
  readonly simulator: Simulator;
  readonly room: ScriptedRoom;
  readonly interpreter: Interpreter;

  constructor(people: readonly ParticipantView[], options: InterpretedRoomOptions = {}) {
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

  /** Microphones are received, and channels stand. */
  async begins(): Promise<void> {
    await codecsCompiled();
    await promises(PROMISES_TO_OPEN);
  }

  /** Somebody comes, or wants something else. */
  has(participant: ParticipantView): void {
    this.room.participants.set(participant.id, participant);
    this.interpreter.reconcile();
  }

  leaves(id: string): void {
    this.room.participants.delete(id);
    this.interpreter.reconcile();
  }

  /** In a human voice, whose words the simulator makes up; then a pause. */
  async says(id: string, ms: number, pauseMs = 4000): Promise<void> {
    await this.room.says(id, ms);
    await this.passes(pauseMs);
  }

  async passes(ms: number, stepMs = 100): Promise<void> {
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
 * Opus is compiled once in a process, which takes turns of the real event loop. Codecs are made without any afterwards, so that what
 * waits for one goes on in fake time.
 */
export async function codecsCompiled(): Promise<void> {
  (await createOpusDecoder()).close();
}

/** Lets so many promises that follow from each other settle. */
export async function promises(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}
