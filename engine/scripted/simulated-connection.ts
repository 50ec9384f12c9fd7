/** One connection to the simulated vendor: a session with a scripted backend, over a link that fails as the script says. */

import type { Limits, Model, Rates } from '../../config/models.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { ServiceConnection } from '../wire/admission.ts';
import type { Backend, BackendConfiguration, BackendOutput, BackendRefusal, ErrorDetails } from '../wire/backend.ts';
import { serverDialects } from '../wire/dialects.ts';
import { WireSession, type WireSessionOptions } from '../wire/wire-session.ts';
import type { DueFaults } from './fault-schedule.ts';
import { FaultyLink, type FaultyLinkOptions } from './faulty-link.ts';
import { negotiate } from './negotiate.ts';
import type { Random } from './random.ts';
import type { ReplayDetector } from './replay-detector.ts';
import type { LastingFault, MomentaryFault, Script } from './script.ts';
import { SimulatedSession, streamTimeout } from './simulated-session.ts';
import { appendBounded, type ConnectionRecord } from './stats.ts';

export interface SimulatedConnectionOptions {
  model: Model;
  rates: Rates;
  limits: Limits;
  script: Script;
  replays: ReplayDetector;
  random: Random;
  clock: Clock;
  record: ConnectionRecord;
  client: FaultyLinkOptions['client'];
  id: WireSessionOptions['id'];
  log: WireSessionOptions['log'] & Pick<Logger, 'info'>;
  /** The faults of the connection as a whole. */
  faults: DueFaults;
  utterance(numberThere: number): { number: number; due: DueFaults };
  /** @returns false if the account has used too much */
  spend(tokens: number): boolean;
  ended(): void;
}

const REPEAT_CLOSES_AFTER_MS = 1000;

export class SimulatedConnection implements ServiceConnection {
  readonly #options: SimulatedConnectionOptions;
  readonly #link: FaultyLink;
  readonly #wire: WireSession;
  readonly #timers = new Set<() => void>();
  readonly #utteranceFaults = new Map<number, readonly LastingFault[]>();
  #output: BackendOutput | undefined;
  #ended = false;
  /** The session receives nothing more, and the client does not know. */
  #stalled = false;

  constructor(options: SimulatedConnectionOptions) {
    this.#options = options;
    const { model, rates, clock, id, log, record, client } = options;
    this.#link = new FaultyLink({
      client,
      clock,
      ended: (end) => {
        record.ended = { ...end, atMs: clock.now() };
        this.#end();
      },
    });
    this.#applyLastingFaults();
    this.#wire = new WireSession({
      model: model.id,
      dialect: serverDialects[model.dialect],
      rates,
      backend: this.#backend,
      send: (frame) => {
        this.#recordViolation(frame);
        this.#link.send(frame);
      },
      close: (code, reason) => this.#link.close(code, reason),
      clock,
      id,
      log,
    });
    this.#schedule(options.faults);
    this.#after(options.limits.sessionMinutes * 60_000, () =>
      this.#link.close(1011, `Session lasted longer than ${options.limits.sessionMinutes} minutes.`),
    );
  }

  receive(text: string): void {
    if (!this.#ended && !this.#stalled) this.#wire.receive(text);
  }

  receiveBinary(): void {
    if (!this.#ended && !this.#stalled) this.#wire.receiveBinary();
  }

  /** The client has closed the connection. */
  close(): void {
    this.#link.clientClosed();
  }

  fail(moment: MomentaryFault): void {
    if (this.#ended) return;
    this.#options.log.info({ connection: this.#options.record.number, fault: moment }, 'fault injected');
    switch (moment) {
      case 'cut':
        this.#link.terminate();
        break;
      case 'stall':
        this.#stalled = true;
        this.#link.hold(Number.POSITIVE_INFINITY);
        break;
      case 'halfFrame':
        this.#link.truncateNext();
        break;
      case 'malformedJson':
        this.#link.sendMalformed();
        break;
      case 'ignoreClose':
        this.#link.ignoreClose();
        break;
      case 'repeatOutput':
        this.#repeatOutput();
        break;
      case 'streamTimeout':
        this.#failWith(streamTimeout);
        break;
      case 'serverError':
        this.#failWith({ type: 'server_error', code: 'InternalError', message: 'Internal server error!' });
        break;
      default:
        this.#link.hold(moment.ms);
    }
  }

  /** Sends the error, and closes a second later. */
  #repeatOutput(): void {
    this.#sendError(repeatOutput);
    this.#wire.close();
    this.#after(REPEAT_CLOSES_AFTER_MS, () => this.#link.close(1011, repeatOutput.message));
  }

  readonly #backend: Backend = {
    negotiate: (wanted) => this.#negotiate(wanted),
    open: (configuration, output) => this.#open(configuration, output),
  };

  #negotiate(wanted: BackendConfiguration): BackendConfiguration | BackendRefusal {
    const { model, limits, script, record, clock } = this.#options;
    const answer = negotiate(wanted, { model, limits, language: script.language });
    if ('refused' in answer) {
      if (answer.fatal) {
        appendBounded(record.violations, { atMs: clock.now(), code: 'InvalidParameter', message: answer.fatal.reason });
      }
    } else {
      record.configuration = answer;
    }
    return answer;
  }

  #open(configuration: BackendConfiguration, output: BackendOutput): SimulatedSession {
    const { model, rates, limits, script, replays, random, clock, record, log } = this.#options;
    this.#output = output;
    return new SimulatedSession({
      model,
      rates,
      limits,
      script,
      configuration,
      output,
      record,
      replays,
      random,
      clock,
      utterance: ({ numberThere }) => this.#startUtterance(numberThere),
      answered: (number) => {
        const entry = record.utterances.find((utterance) => utterance.number === number);
        log.info({ connection: record.number, utterance: number, words: entry?.words.join(' ') }, 'utterance answered');
        this.#utteranceFaults.delete(number);
        this.#applyLastingFaults();
      },
      spend: (tokens) => this.#spend(tokens),
      closeSession: (code, reason) => this.#link.close(code, reason),
    });
  }

  #startUtterance(numberThere: number): { number: number; faults: ReadonlySet<LastingFault> } {
    const { number, due } = this.#options.utterance(numberThere);
    const faults = [...this.#options.faults.lasting, ...due.lasting];
    this.#utteranceFaults.set(number, due.lasting);
    this.#applyLastingFaults();
    this.#schedule(due);
    return { number, faults: new Set(faults) };
  }

  /** Sets the faults that concern the link; they last until the utterance has been answered. */
  #applyLastingFaults(): void {
    const current = [...this.#options.faults.lasting, ...[...this.#utteranceFaults.values()].flat()];
    this.#link.duplicates = current.includes('duplicateEvents');
    this.#link.withoutStash = current.includes('noStash');
  }

  #schedule({ momentary }: DueFaults): void {
    for (const { afterMs, moment } of momentary) this.#after(afterMs, () => this.fail(moment));
  }

  #spend(tokens: number): void {
    if (this.#ended || this.#options.spend(tokens)) return;
    this.#sendError(quotaExceeded);
    this.#link.close(1007, quotaExceeded.message);
  }

  #failWith(error: ErrorDetails): void {
    this.#sendError(error);
    this.#link.close(1011, error.message);
  }

  /** Sends an error frame, also before the first audio. */
  #sendError(error: ErrorDetails): void {
    if (this.#output) this.#output.error(error);
    else this.#link.send(JSON.stringify({ event_id: this.#options.id('event'), type: 'error', error }));
  }

  #recordViolation(frame: string): void {
    if (!frame.includes('"type":"error"')) return;
    const { error } = JSON.parse(frame) as { error?: ErrorDetails };
    if (error?.type !== 'invalid_request_error' || error.code === 'DataInspectionFailed') return;
    const { code, message } = error;
    appendBounded(this.#options.record.violations, { atMs: this.#options.clock.now(), code, message });
  }

  #after(ms: number, run: () => void): void {
    if (this.#ended) return;
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#wire.close();
    this.#options.ended();
  }
}

const repeatOutput: ErrorDetails = {
  type: 'server_error',
  code: 'COMMON_ERROR',
  message: 'model repeat output happened',
};

export const quotaExceeded: ErrorDetails = {
  type: 'server_error',
  code: 'Throttling.AllocationQuota',
  message: 'Allocated quota exceeded, please increase your quota limit.',
};
