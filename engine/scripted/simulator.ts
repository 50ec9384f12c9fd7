/**
 * The simulated vendor of LiveTranslate: one account with its limits, and up to 64 open sessions. For the same seed, the same messages at
 * the same times have the same answers. `Simulator` has no sockets, and its clock is passed in; `serveSimulator` puts it on a port.
 */
import { createHash } from 'node:crypto';
import { type Limits, type Model, models, qwen3, type Rates } from '../../config/models.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type {
  Admission,
  ClientConnection,
  ConnectRequest,
  ServiceConnection,
  UpgradeRefusal,
} from '../wire/admission.ts';
import { isRightKey } from '../wire/key-check.ts';
import { type EngineServer, type ServeOptions, serve } from '../wire/serve.ts';
import { FaultSchedule } from './fault-schedule.ts';
import { Random } from './random.ts';
import { ReplayDetector } from './replay-detector.ts';
import { checkScript, type MomentaryFault, type Script, type ScriptInput } from './script.ts';
import { quotaExceeded, SimulatedConnection } from './simulated-connection.ts';
import { type ConnectionRecord, SimulatorRecorder, type SimulatorStats } from './stats.ts';
import { VendorAccount } from './vendor-account.ts';

export type SimulatorLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export interface SimulatorOptions {
  clock: Clock;
  /** @throws {ScriptError} by the constructor, naming the field */
  script?: ScriptInput;
  seed?: number;
  log?: SimulatorLog;
}

const RATE_LIMITED = 'Requests rate limit exceeded, please try again later.';
const MAX_OPEN = 64;
const silent: SimulatorLog = { debug() {}, info() {}, warn() {}, error() {} };

export class Simulator {
  readonly #options: SimulatorOptions;
  readonly #script: Script;
  readonly #random: Random;
  readonly #schedule: FaultSchedule;
  readonly #account: VendorAccount;
  readonly #replays = new ReplayDetector();
  readonly #records = new SimulatorRecorder();
  readonly #open = new Map<number, SimulatedConnection>();
  readonly #ids = new Map<string, number>();
  #connectionCount = 0;
  #utteranceCount = 0;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.#script = checkScript(options.script);
    this.#random = new Random(options.seed ?? 1);
    this.#schedule = new FaultSchedule(this.#script.faults, this.#random);
    const { connectionsPerMinute, tokensPerMinute } = { ...limitsOf(qwen3), ...defined(this.#script.account) };
    this.#account = new VendorAccount({ connectionsPerMinute, tokensPerMinute });
  }

  /** The answer to an upgrade. A connection that is admitted may still be closed at once, as the vendor does when it throttles. */
  connect(request: ConnectRequest): Admission {
    const number = ++this.#connectionCount;
    const refused = this.#refusal(request, number);
    if (refused) {
      this.#records.refuse(this.#options.clock.now(), refused.status);
      this.#log.info({ connection: number, status: refused.status }, 'connection refused');
      return refused;
    }
    return { open: (client) => this.#admit(request, number, client) };
  }

  /** The connections and requests that the simulator has received; older entries are dropped. */
  stats(): SimulatorStats {
    this.#records.peaks = this.#account.peaks;
    return this.#records.stats();
  }

  /** Causes a fault now. @param connection the number of the connection; default: all that are open */
  fail(moment: MomentaryFault, connection?: number): void {
    for (const [number, open] of [...this.#open]) {
      if (connection === undefined || connection === number) open.fail(moment);
    }
  }

  get #log(): SimulatorLog {
    return this.#options.log ?? silent;
  }

  #refusal({ model, key }: ConnectRequest, number: number): UpgradeRefusal | undefined {
    const { keys } = this.#script.account;
    if (keys.length > 0 && !isRightKey(keys, key)) {
      return problem(401, 'InvalidApiKey', 'Invalid API-key provided.');
    }
    if (!models.some(({ id, kind }) => id === model && kind === 'cloud')) {
      return problem(404, 'ModelNotFound', `Model not exist: ${model}`);
    }
    const ordered = this.#schedule.refusal(number);
    if (ordered) return problem(ordered.status, ordered.code, 'The script refuses this connection.');
    return this.#open.size >= MAX_OPEN ? problem(503, 'ModelUnavailable', 'Too many connections.') : undefined;
  }

  #admit({ model: id, key }: ConnectRequest, number: number, client: ClientConnection): ServiceConnection {
    const { clock } = this.#options;
    const record = this.#records.open({ number, openedMs: clock.now(), model: id, key: keyFingerprint(key) });
    if (!this.#account.connect(clock.now())) return this.#closeThrottled(record, client, RATE_LIMITED);
    if (!this.#account.mayStart(clock.now())) return this.#closeThrottled(record, client, quotaExceeded.message);
    this.#log.info({ connection: number, model: id }, 'connection opened');
    const connection = this.#connection(modelOf(id), record, client);
    if (!record.ended) this.#open.set(number, connection);
    return connection;
  }

  #connection(model: Model, record: ConnectionRecord, client: ClientConnection): SimulatedConnection {
    const { clock } = this.#options;
    const log = this.#log;
    const connection = record.number;
    return new SimulatedConnection({
      model,
      rates: ratesOf(model),
      limits: { ...limitsOf(model), ...defined(this.#script.limits) },
      script: this.#script,
      replays: this.#replays,
      random: this.#random,
      clock,
      record,
      client,
      id: (kind) => this.#id(kind),
      log,
      faults: this.#schedule.due({ connection }),
      utterance: (there) => {
        const number = ++this.#utteranceCount;
        return { number, due: this.#schedule.due({ connection, utterance: { there, anywhere: number } }) };
      },
      spend: (tokens) => this.#account.useTokens(tokens, clock.now()),
      ended: () => {
        this.#open.delete(connection);
        log.info({ connection, ...record.ended }, 'connection ended');
      },
    });
  }

  /** Accepts the connection and closes it at once, without a frame. */
  #closeThrottled(record: ConnectionRecord, client: ClientConnection, reason: string): ServiceConnection {
    const { clock } = this.#options;
    record.ended = { by: 'service', code: 1007, reason, atMs: clock.now() };
    this.#log.info({ connection: record.number, reason }, 'connection throttled');
    record.violations.push({ atMs: clock.now(), code: 'Throttling', message: reason });
    client.close(1007, reason);
    return { receive() {}, receiveBinary() {}, close() {} };
  }

  #id(kind: string): string {
    const count = (this.#ids.get(kind) ?? 0) + 1;
    this.#ids.set(kind, count);
    return `${kind}_${count}`;
  }
}

export interface ServeSimulatorOptions extends Omit<ServeOptions, 'admit' | 'pages' | 'model'> {
  simulator: Simulator;
}

/**
 * Serves the realtime endpoint of a simulator, and `GET /stats` with what it received.
 *
 * @example
 * const simulator = new Simulator({ clock: systemClock, script: { faults: [{ on: { connection: 1, afterMs: 5000 }, do: 'cut' }] } });
 * const server = await serveSimulator({ host: '127.0.0.1', port: 0, simulator, clock: systemClock, log });
 */
export const serveSimulator = ({ simulator, ...options }: ServeSimulatorOptions): Promise<EngineServer> =>
  serve({
    ...options,
    model: qwen3.id,
    admit: (request) => simulator.connect(request),
    pages: { '/stats': () => simulator.stats() },
  });

const problem = (status: number, code: string, message: string): UpgradeRefusal => ({
  status,
  body: { code, message },
});

const keyFingerprint = (key: string | undefined): string =>
  key === undefined ? 'none' : createHash('sha256').update(key).digest('hex').slice(0, 12);

const modelOf = (id: string): Model => models.find((model) => model.id === id) ?? qwen3;

/** Every model of the vendor has both limits and rates. */
const limitsOf = ({ limits }: Model): Limits => limits ?? limitsOf(qwen3);
const ratesOf = ({ rates }: Model): Rates => rates ?? ratesOf(qwen3);

/** Removes undefined values, so that a default that they are spread over stays. */
const defined = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
