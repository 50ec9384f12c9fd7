/** Rooms of one server in which somebody speaks all the time, somebody reads Spanish, and an interpreter of `InterpreterThreads` translates. */
import type { CaptionMessage, RoomMessage } from '@mediasoup-booth/protocol';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import type { InterpreterProcess, ProcessState } from '../../bot/process/interpreter-supervisor.ts';
import type { InterpreterThreads } from '../../bot/process/interpreter-threads.ts';
import { qwen3 } from '../../config/models.ts';
import { Guest, say, signalUrl } from './meeting.ts';
import { interpreter, person, type TestServer, tokenOf } from './server.ts';
import { joined } from './sound.ts';
import { until } from './until.ts';

const PAUSE_MS = 1500;

export interface RoomDeps {
  server: TestServer;
  threads: InterpreterThreads;
  /** URL of the translation service. */
  service: string;
}

export class InterpretedRoom {
  /** The interpreter's id. */
  readonly bot: string;
  readonly states: { state: ProcessState; message: string | undefined; atMs: number }[] = [];
  readonly interpreter: InterpreterProcess;
  readonly #captions: CaptionMessage[] = [];
  readonly #name: string;
  readonly #leave: (() => void)[] = [];
  #reader: Guest | undefined;

  constructor(name: string, { server, threads, service }: RoomDeps, assignment: { token?: string } = {}) {
    this.#name = name;
    this.bot = `bot-${name}`;
    this.interpreter = threads.launch({
      assignment: {
        url: signalUrl(server),
        token: tokenOf(interpreter(this.bot, { room: name })),
        languages: ['es'],
        pictures: 'off',
        languageSettings: {},
        translation: { url: service, model: qwen3.id, key: 'sk-any' },
        sessionIdleTimeoutMs: 60_000,
        playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
        logLevel: 'info',
        ...assignment,
      },
      onState: (state, message) => this.states.push({ state, message, atMs: performance.now() }),
    });
  }

  get state(): ProcessState | undefined {
    return this.states.at(-1)?.state;
  }

  /** What the interpreter was, and has become, without the moments. */
  get told(): string[] {
    return this.states.map(({ state, message }) => (message === undefined ? state : `${state}: ${message}`));
  }

  runs(): Promise<void> {
    return until(() => this.state === 'running');
  }

  /** Somebody comes to read. */
  async watch(server: TestServer): Promise<void> {
    const reader = await Guest.enter(server, person('bob', { room: this.#name }), {
      preferences: { hears: 'es', reads: ['es'] },
    });
    this.#reader = reader;
    this.#leave.push(this.#read(reader), () => reader.room.close());
  }

  /** Somebody speaks, and somebody reads. */
  async meet(server: TestServer): Promise<void> {
    await this.watch(server);
    const speaker = await Guest.enter(server, person('ann', { room: this.#name }), { preferences: { speaks: 'en' } });
    const { samples, sampleRate } = humanSpeech('conf-waitforleader');
    const sentence = await resample(samples, sampleRate, VOICE_SAMPLE_RATE);
    const pause = new Int16Array((VOICE_SAMPLE_RATE * PAUSE_MS) / 1000);
    const spoken = await say(await speaker.room.publishMicrophone(), joined([sentence, pause]), { loop: true });
    this.#leave.push(spoken.stop, () => speaker.room.close());
  }

  /** Resolves with the next sentence that was translated from now on. */
  async translates(): Promise<void> {
    const before = this.#captions.length;
    await until(() =>
      this.#captions
        .slice(before)
        .some(({ kind, final, language }) => kind === 'translation' && final && language === 'es'),
    );
  }

  /** Whether the interpreter is in the room. */
  get isPresent(): boolean {
    return this.#reader?.room.participants.has(this.bot) ?? false;
  }

  leave(): void {
    for (const leave of this.#leave.splice(0)) leave();
  }

  /** Follows the captions, wherever they are published anew. */
  #read(reader: Guest): () => void {
    const known = new Set<string>();
    const timer = setInterval(() => {
      for (const { id } of reader.room.participants.get(this.bot)?.dataProducers ?? []) {
        if (known.has(id)) continue;
        known.add(id);
        const onText = (text: string) => {
          const message = JSON.parse(text) as RoomMessage;
          if (message.type === 'caption') this.#captions.push(message);
        };
        reader.room.receiveTexts(id, onText).catch(() => known.delete(id));
      }
    }, 50);
    return () => clearInterval(timer);
  }
}
