/** The interpreter in a room of a test's, in fake time, with the simulated vendor behind it. */

import { silentLog } from '../../bench/support/silent-log.ts';
import { simulatedDial } from '../../bench/support/simulated-service.ts';
import { Interpreter } from '../../bot/interpreter.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import { modelNamed, qwen3 } from '../../config/models.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { Simulator } from '../../engine/scripted/simulator.ts';
import type { ParticipantView } from '../../protocol/rooms.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { ScriptedRoom } from './room.ts';

export class InterpretedRoom {
  readonly clock = new FakeClock();
  readonly simulator: Simulator;
  readonly room: ScriptedRoom;
  readonly interpreter: Interpreter;

  constructor(people: readonly ParticipantView[], model = qwen3.id, script: ScriptInput = {}) {
    this.simulator = new Simulator({ clock: this.clock, script: { paraphrases: false, ...script } });
    this.room = new ScriptedRoom(this.clock, ...people);
    const { clock, simulator, room } = this;
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
      clock,
      log: silentLog,
    });
  }

  /** Decoders are made and tracks opened in turns of the real event loop. */
  async begins(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.clock.advance(0);
    }
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

  async passes(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      for (let i = 0; i < 8; i++) await Promise.resolve();
    }
  }

  close(): void {
    this.interpreter.close();
  }
}
