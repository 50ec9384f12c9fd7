/** One client of the simulated vendor: its session on the wire, on a line that fails when it is told to. */
import type { Logger } from 'pino';
import type { Limits, Model, Rates } from '../../config/models.ts';
import type { Clock } from '../../time/clock.ts';
import type { Service } from '../wire/admission.ts';
import type { Backend, BackendRefusal, Configuration, ErrorDetails, Output } from '../wire/backend.ts';
import { dialects } from '../wire/dialects/named.ts';
import { WireSession, type WireSessionOptions } from '../wire/session.ts';
import { FaultyLink, type FaultyLinkOptions } from './faulty-link.ts';
import type { Memory } from './memory.ts';
import { negotiate } from './negotiate.ts';
import type { Random } from './random.ts';
import type { Due } from './schedule.ts';
import type { Manner, Moment, Script } from './script.ts';
import { SimulatedSession, streamTimeout } from './session.ts';
import { type ConnectionRecord, keep } from './stats.ts';

export interface ConnectionOptions {
  model: Model;
  rates: Rates;
  limits: Limits;
  script: Script;
  memory: Memory;
  random: Random;
  clock: Clock;
  record: ConnectionRecord;
  client: FaultyLinkOptions['client'];
  id: WireSessionOptions['id'];
  log: WireSessionOptions['log'] & Pick<Logger, 'info'>;
  /** What goes wrong with the connection as a whole. */
  due: Due;
  utterance(numberThere: number): { number: number; due: Due };
  /** False: the account has used too much. */
  spend(tokens: number): boolean;
  ended(): void;
}

const REPEAT_CLOSES_AFTER_MS = 1000;

export class SimulatedConnection implements Service {
  readonly #options: ConnectionOptions;
  readonly #line: FaultyLink;
  readonly #wire: WireSession;
  readonly #timers = new Set<() => void>();
  readonly #manners = new Map<number, readonly Manner[]>();
  #output: Output | undefined;
  #over = false;
  /** It hears nothing more, and does not say so. */
  #deaf = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { model, rates, clock, id, log, record, client } = options;
    this.#line = new FaultyLink({
      client,
      clock,
      ended: (end) => {
        record.ended = { ...end, atMs: clock.now() };
        this.#end();
      },
    });
    this.#applyManners();
    this.#wire = new WireSession({
      model: model.id,
      dialect: dialects[model.dialect],
      rates,
      backend: this.#backend,
      send: (frame) => {
        this.#noteViolation(frame);
        this.#line.send(frame);
      },
      close: (code, reason) => this.#line.close(code, reason),
      clock,
      id,
      log,
    });
    this.#schedule(options.due);
    this.#after(options.limits.sessionMinutes * 60_000, () =>
      this.#line.close(1011, `Session lasted longer than ${options.limits.sessionMinutes} minutes.`),
    );
  }

  receive(text: string): void {
    if (!this.#over && !this.#deaf) this.#wire.receive(text);
  }

  receiveBinary(): void {
    if (!this.#over && !this.#deaf) this.#wire.receiveBinary();
  }

  /** The client has gone. */
  close(): void {
    this.#line.gone();
  }

  fail(moment: Moment): void {
    if (this.#over) return;
    this.#options.log.info({ connection: this.#options.record.number, fault: moment }, 'failing');
    switch (moment) {
      case 'cut':
        this.#line.cut();
        break;
      case 'stall':
        this.#deaf = true;
        this.#line.hold(Number.POSITIVE_INFINITY);
        break;
      case 'halfFrame':
        this.#line.halveNext();
        break;
      case 'malformedJson':
        this.#line.spoil();
        break;
      case 'ignoreClose':
        this.#line.ignoreClose();
        break;
      case 'repeatOutput':
        this.#repeatOutput();
        break;
      case 'streamTimeout':
        this.#die(streamTimeout);
        break;
      case 'serverError':
        this.#die({ type: 'server_error', code: 'InternalError', message: 'Internal server error!' });
        break;
      default:
        this.#line.hold(moment.ms);
    }
  }

  /** Says so, and closes within seconds. */
  #repeatOutput(): void {
    this.#sayError(repeatOutput);
    this.#wire.close();
    this.#after(REPEAT_CLOSES_AFTER_MS, () => this.#line.close(1011, repeatOutput.message));
  }

  readonly #backend: Backend = {
    negotiate: (wanted) => this.#negotiate(wanted),
    open: (configuration, output) => this.#open(configuration, output),
  };

  #negotiate(wanted: Configuration): Configuration | BackendRefusal {
    const { model, limits, script, record, clock } = this.#options;
    const answer = negotiate(wanted, { model, limits, language: script.language });
    if ('refused' in answer) {
      if (answer.fatal) {
        keep(record.violations, { atMs: clock.now(), code: 'InvalidParameter', message: answer.fatal.reason });
      }
    } else {
      record.configuration = answer;
    }
    return answer;
  }

  #open(configuration: Configuration, output: Output): SimulatedSession {
    const { model, rates, limits, script, memory, random, clock, record, log } = this.#options;
    this.#output = output;
    return new SimulatedSession({
      model,
      rates,
      limits,
      script,
      configuration,
      output,
      record,
      memory,
      random,
      clock,
      utterance: ({ numberThere }) => this.#utteranceBegins(numberThere),
      answered: (number) => {
        const heard = record.utterances.find((utterance) => utterance.number === number);
        log.info({ connection: record.number, utterance: number, words: heard?.words.join(' ') }, 'answered');
        this.#manners.delete(number);
        this.#applyManners();
      },
      spend: (tokens) => this.#spend(tokens),
      die: (code, reason) => this.#line.close(code, reason),
    });
  }

  #utteranceBegins(numberThere: number): { number: number; manners: ReadonlySet<Manner> } {
    const { number, due } = this.#options.utterance(numberThere);
    const manners = [...this.#options.due.manners, ...due.manners];
    this.#manners.set(number, due.manners);
    this.#applyManners();
    this.#schedule(due);
    return { number, manners: new Set(manners) };
  }

  /** Some are the line's: they last until the utterance has been answered. */
  #applyManners(): void {
    const current = [...this.#options.due.manners, ...[...this.#manners.values()].flat()];
    this.#line.doubles = current.includes('duplicateEvents');
    this.#line.withoutStash = current.includes('noStash');
  }

  #schedule({ moments }: Due): void {
    for (const { afterMs, moment } of moments) this.#after(afterMs, () => this.fail(moment));
  }

  #spend(tokens: number): void {
    if (this.#over || this.#options.spend(tokens)) return;
    this.#sayError(quotaExceeded);
    this.#line.close(1007, quotaExceeded.message);
  }

  #die(error: ErrorDetails): void {
    this.#sayError(error);
    this.#line.close(1011, error.message);
  }

  /** Also before anything was heard. */
  #sayError(error: ErrorDetails): void {
    if (this.#output) this.#output.error(error);
    else this.#line.send(JSON.stringify({ event_id: this.#options.id('event'), type: 'error', error }));
  }

  #noteViolation(frame: string): void {
    if (!frame.includes('"type":"error"')) return;
    const { error } = JSON.parse(frame) as { error?: ErrorDetails };
    if (error?.type !== 'invalid_request_error' || error.code === 'DataInspectionFailed') return;
    const { code, message } = error;
    keep(this.#options.record.violations, { atMs: this.#options.clock.now(), code, message });
  }

  #after(ms: number, run: () => void): void {
    if (this.#over) return;
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
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
