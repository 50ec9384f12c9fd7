/**
 * The interpreter of one room: at most one that the server has launched, by request or by demand. It owns what it
 * launched; state changes of a launch that was stopped are ignored. One that failed is launched again by itself with a doubling pause, as
 * long as it is wanted: one that demand launched while somebody chooses a language, one that a host requested until it is dismissed.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  ApiError,
  type InterpretationView,
  type InterpreterBudget,
  type InterpreterView,
  type LanguageCode,
  type LanguageSettings,
  messageOf,
  type PictureMode,
  type RoomArrival,
} from '@mediasoup-booth/protocol';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import type { Clock } from '../../time/clock.ts';
import { InterpreterFence } from './interpreter-fence.ts';
import { LONGEST_RETRY_MS, launchDelayMs } from './on-demand.ts';

export type Languages = 'auto' | LanguageCode[];
export type LanguageSettingsByCode = Readonly<Record<LanguageCode, LanguageSettings>>;
export type LaunchState = 'starting' | 'running' | 'restarting' | 'failed';

export interface LaunchRequest {
  id: string;
  room: string;
  /** Base URL of the server: `http://127.0.0.1:3000`. */
  url: string;
  /** Admits the interpreter to its room. */
  token: string;
  languages: Languages;
  languageSettings: LanguageSettingsByCode;
  pictures: PictureMode;
  /** `message` is a sentence for people; `queuePlace` its place in the queue, from 1, where it waits for a computer that has room for it. */
  onState(state: LaunchState, message?: string, queuePlace?: number): void;
}

/** What a launcher returns. */
export interface LaunchedInterpreter {
  /** Makes it leave; resolves when it has. */
  stop(): Promise<void>;
  /** Called when it has come into its room, with its fencing token (0: it has none), and with undefined when it has left. */
  presenceChanged?(fence: number | undefined): void;
  /** Another one is to take over from the one that is in the room, which does its work until then. */
  readonly isHandingOver?: boolean;
}

/** The settings of an interpreter that a host requests. */
export interface LaunchOptions {
  languages: Languages;
  languageSettings?: LanguageSettingsByCode;
  budget?: InterpreterBudget | undefined;
  /** Default: the server's setting. */
  pictures?: PictureMode | undefined;
}

/** Starts an interpreter which joins the room. The launcher restarts one that crashed or hung, and reports its state. */
export type LaunchInterpreter = (assignment: LaunchRequest) => LaunchedInterpreter;

export interface RoomInterpreterDeps {
  /** Launches with the room's name and URL, and a token for `id`. */
  launch(assignment: Omit<LaunchRequest, 'room' | 'url' | 'token'>): LaunchedInterpreter;
  newId(): string;
  usage: Pick<UsageAccounting, 'addInterpreter' | 'setBudget' | 'usageOf' | 'addEarlierUsage' | 'removeInterpreter'>;
  onDemand: boolean;
  pictures: PictureMode;
  clock: Clock;
  /** Called when `interpretation` has changed. */
  changed(): void;
  /** Called with each state of an interpreter that was launched, `stopped` at last. */
  stateChanged(view: InterpreterView): void;
  /** Called when an interpreter could not be stopped. */
  failedToStop(error: unknown): void;
}

export interface RoomDemand {
  choices: string;
  /** Whether an interpreter is in the room, whoever launched it. */
  present: boolean;
}

interface Launched {
  view: InterpreterView;
  options: LaunchOptions;
  /** By a host, not by demand. */
  requested: boolean;
  launchedAtMs: number;
  fence: InterpreterFence;
  process?: LaunchedInterpreter;
}

export class RoomInterpreter {
  readonly #deps: RoomInterpreterDeps;
  #demand: RoomDemand = { choices: '', present: false };
  #allowed: boolean;
  #launched: Launched | undefined;
  #failed: { atMs: number; choices: string; launches: number } | undefined;
  /** The languages whose captions an interpreter could not publish so far. */
  #unreadable: { interpreter: string; languages: readonly LanguageCode[] } | undefined;
  #cancelRetry = (): void => {};
  readonly #stopping = new Set<Promise<void>>();
  /** Those that are being stopped, by the ids of their interpreters. */
  readonly #stoppingLaunched = new Map<string, LaunchedInterpreter>();
  #closed = false;

  constructor(deps: RoomInterpreterDeps) {
    this.#deps = deps;
    this.#allowed = deps.onDemand;
  }

  get view(): InterpreterView | undefined {
    return this.#launched?.view;
  }

  /** @throws {ApiError} where there is no interpreter of this id */
  viewOf(id: string): InterpreterView {
    return this.#requireLaunched(id).view;
  }

  /** The highest fencing token with which an interpreter of this id has come. @throws {ApiError} where it is not here */
  fenceOf(id: string): number {
    return this.#requireLaunched(id).fence.highest;
  }

  /** Whether a run of this interpreter with this fencing token may be in the room. @throws {ApiError} where it may not */
  requireFence(id: string, fence: number | undefined): void {
    if (this.#launched?.view.id !== id)
      throw new ApiError('forbidden', 'this interpreter was sent away, or another has taken its place');
    this.#launched.fence.require(fence);
  }

  /** A run of this interpreter has come: those with a lower fencing token may not any more. @throws {ApiError} as `requireFence` */
  joined(id: string, fence: number | undefined): void {
    this.requireFence(id, fence);
    this.#launched?.fence.accept(fence);
    this.#launched?.process?.presenceChanged?.(fence ?? 0);
  }

  /** An interpreter of this id has left the room. */
  left(id: string): void {
    this.#stoppingLaunched.get(id)?.presenceChanged?.(undefined);
    if (this.#launched?.view.id === id) this.#launched.process?.presenceChanged?.(undefined);
  }

  /** Whether another run of it is to take over from the one that is in the room, at a pause. */
  get isHandingOver(): boolean {
    return this.#launched?.process?.isHandingOver === true;
  }

  get interpretation(): InterpretationView {
    const { view } = this;
    const { pictures } = view ?? this.#deps;
    const state = interpretationState(view, this.#demand.present, this.#unreadable?.languages);
    return { onDemand: this.#allowed, pictures, ...state };
  }

  demandChanged(demand: RoomDemand): void {
    const present = this.#demand.present;
    this.#demand = demand;
    if (demand.present !== present) this.#deps.changed();
    this.#reconcile();
  }

  /**
   * Launches an interpreter at a host's request. One that is there with the same options stays, with the budget that is requested now;
   * a failed one is replaced.
   *
   * @throws {ApiError} where one with other options is there
   */
  request(options: LaunchOptions): { view: InterpreterView; launched: boolean } {
    const { languages, languageSettings = {}, budget, pictures } = options;
    const current = this.#launched?.view;
    if (current && current.state !== 'failed') {
      if (worksAlike(current, { languages, languageSettings, pictures: pictures ?? current.pictures }))
        return { view: budget ? this.setBudget(current.id, budget) : current, launched: false };
      throw new ApiError(
        'conflict',
        `the interpreter ${current.id} is here for ${named(current.languages)}, in its own way: DELETE it first, then send another`,
      );
    }
    this.#allowed = this.#deps.onDemand;
    return { view: this.#launch(options, { requested: true }), launched: true };
  }

  /** An interpreter reports the languages whose captions it could not publish so far, or has left. */
  setUnreadable(interpreter: string, languages: readonly LanguageCode[]): void {
    const known = this.#unreadable;
    if (languages.length === 0 ? known?.interpreter !== interpreter : isDeepStrictEqual(known?.languages, languages))
      return;
    this.#unreadable = languages.length === 0 ? undefined : { interpreter, languages };
    this.#deps.changed();
  }

  /** Changes the budget; undefined: none. @throws {ApiError} where this interpreter is not here */
  setBudget(id: string, budget: InterpreterBudget | undefined): InterpreterView {
    const launched = this.#requireLaunched(id);
    this.#deps.usage.setBudget(id, budget);
    const { budget: _, ...view } = launched.view;
    launched.view = { ...view, ...(budget && { budget }) };
    launched.options = { ...launched.options, budget };
    return launched.view;
  }

  /** Stops the interpreter. Demand launches none either, until a host requests one again. @throws {ApiError} where it is not here */
  async dismiss(id: string): Promise<void> {
    this.#requireLaunched(id);
    this.#allowed = false;
    this.#stop();
    this.#deps.changed();
    await this.#stopped();
  }

  /**
   * Ends the interpreter and starts it anew, with the same options and what is left of its budget. Resolves when it starts, after the one
   * before has left.
   *
   * @throws {ApiError} where it is not here, or is dismissed meanwhile
   */
  async restart(id: string): Promise<InterpreterView> {
    const before = this.#requireLaunched(id);
    const { message: _, ...view } = before.view;
    const leaving: Launched = { ...before, view: { ...view, state: 'restarting' } };
    this.#cancelRetry();
    this.#failed = undefined;
    this.#launched = leaving;
    this.#deps.stateChanged(leaving.view);
    this.#deps.changed();
    this.#endProcess(before);
    delete leaving.process;
    await this.#stopped();
    // Another restart, or a dismissal, came in between.
    if (this.#launched !== leaving) return this.viewOf(id);
    return this.#start(id, leaving.options, leaving.requested);
  }

  /** The interpreter as hosts have left it, for the server to which the room moves. */
  get settings(): RoomArrival['interpreter'] {
    const { view, requested = false } = this.#launched ?? {};
    if (!view) return { onDemand: this.#allowed };
    const { id, languages, languageSettings, budget, pictures } = view;
    const used = this.#deps.usage.usageOf(id);
    const optional = {
      ...(languageSettings && { languageSettings }),
      ...(budget && { budget }),
      ...(used && { used }),
    };
    return { onDemand: this.#allowed, present: { languages, ...optional, pictures, requested } };
  }

  /** The room has moved here: its interpreter becomes as hosts have left it at the other server. */
  async adopt({ onDemand, present }: RoomArrival['interpreter']): Promise<void> {
    const current = this.#launched;
    if (current && !present) await this.dismiss(current.view.id);
    else if (present && !(current && worksAlike(current.view, present))) {
      const { requested, used: _, languageSettings = {}, ...options } = present;
      this.#launch({ ...options, languageSettings }, { requested });
    } else if (current && present) {
      current.requested = present.requested;
      if (!isDeepStrictEqual(current.view.budget, present.budget)) this.setBudget(current.view.id, present.budget);
    }
    if (present?.used && this.#launched) this.#deps.usage.addEarlierUsage(this.#launched.view.id, present.used);
    this.#allowed = onDemand && this.#deps.onDemand;
    this.#deps.changed();
    this.#reconcile();
  }

  /** Resolves when every interpreter has left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    await this.#stopped();
  }

  #requireLaunched(id: string): Launched {
    if (this.#launched?.view.id !== id) throw new ApiError('notFound', `there is no interpreter ${id} in this room`);
    return this.#launched;
  }

  #reconcile(): void {
    this.#cancelRetry();
    if (this.#closed) return;
    const failed = this.#launched?.view.state === 'failed' ? this.#launched : undefined;
    const afterMs = launchDelayMs({
      allowed: this.#allowed,
      choices: this.#demand.choices,
      requested: failed?.requested ?? false,
      served: this.#demand.present || (this.#launched !== undefined && this.#launched.view.state !== 'failed'),
      failed: this.#failed,
      nowMs: this.#deps.clock.now(),
    });
    if (afterMs === 0 && failed?.requested) this.#start(failed.view.id, failed.options, true);
    else if (afterMs === 0) this.#launch({ languages: 'auto' }, { requested: false });
    else if (afterMs !== undefined) this.#cancelRetry = this.#deps.clock.after(afterMs, () => this.#reconcile());
  }

  /** @throws {ApiError} where the budget cannot be kept */
  #launch(options: LaunchOptions, { requested }: { requested: boolean }): InterpreterView {
    const id = this.#deps.newId();
    this.#deps.usage.addInterpreter(id, options.budget);
    this.#stop();
    return this.#start(id, options, requested);
  }

  #start(id: string, options: LaunchOptions, requested: boolean): InterpreterView {
    const { languages, languageSettings = {}, budget, pictures = this.#deps.pictures } = options;
    const optional = {
      ...(Object.keys(languageSettings).length > 0 && { languageSettings }),
      ...(budget && { budget }),
    };
    const launched: Launched = {
      view: { id, languages, ...optional, pictures, state: 'starting' },
      options,
      requested,
      launchedAtMs: this.#deps.clock.now(),
      fence: new InterpreterFence(),
    };
    this.#launched = launched;
    this.#deps.stateChanged(launched.view);
    this.#deps.changed();
    try {
      launched.process = this.#deps.launch({
        id,
        languages,
        languageSettings,
        pictures,
        onState: (state, message, queuePlace) => this.#setState(launched, state, message, queuePlace),
      });
    } catch (error) {
      this.#setState(launched, 'failed', messageOf(error));
    }
    if (launched.view.state === 'failed') this.#endProcess(launched);
    return launched.view;
  }

  #setState(launched: Launched, state: LaunchState, message: string | undefined, queuePlace?: number): void {
    if (launched !== this.#launched || launched.view.state === 'failed') return;
    const { message: _, queuePlace: __, ...view } = launched.view;
    const before = launched.view;
    launched.view = { ...view, state, ...(message && { message }), ...(queuePlace && { queuePlace }) };
    if (!isDeepStrictEqual(before, launched.view)) this.#deps.stateChanged(launched.view);
    if (state === 'failed') {
      this.#recordFailure(launched);
      this.#endProcess(launched);
      this.#reconcile();
    }
    this.#deps.changed();
  }

  /** Launches in a row that failed make the pause longer, unless the last one did its work for a while. */
  #recordFailure({ launchedAtMs }: Launched): void {
    const atMs = this.#deps.clock.now();
    const before = atMs - launchedAtMs < LONGEST_RETRY_MS ? (this.#failed?.launches ?? 0) : 0;
    this.#failed = { atMs, choices: this.#demand.choices, launches: before + 1 };
  }

  #stop(): void {
    this.#cancelRetry();
    if (!this.#launched) return;
    this.#deps.usage.removeInterpreter(this.#launched.view.id);
    this.#endProcess(this.#launched);
    const { message: _, queuePlace: __, ...view } = this.#launched.view;
    this.#launched = undefined;
    this.#deps.stateChanged({ ...view, state: 'stopped' });
  }

  #endProcess(launched: Launched): void {
    const process = launched.process;
    if (!process) return;
    delete launched.process;
    const { id } = launched.view;
    this.#stoppingLaunched.set(id, process);
    const stopping = this.#stopProcess(process).finally(() => {
      this.#stopping.delete(stopping);
      if (this.#stoppingLaunched.get(id) === process) this.#stoppingLaunched.delete(id);
    });
    this.#stopping.add(stopping);
  }

  async #stopProcess(process: LaunchedInterpreter): Promise<void> {
    try {
      await process.stop();
    } catch (error) {
      this.#deps.failedToStop(error);
    }
  }

  async #stopped(): Promise<void> {
    await Promise.all(this.#stopping);
  }
}

function interpretationState(
  view: InterpreterView | undefined,
  present: boolean,
  unreadable: readonly LanguageCode[] = [],
): Pick<InterpretationView, 'state' | 'message' | 'queuePlace'> {
  // One that is in the room and reports that it is not at work: nothing reaches it.
  if (present && view?.state === 'restarting' && view.message) return { state: 'starting', message: view.message };
  if (present || view?.state === 'running')
    return { state: 'on', ...(unreadable.length > 0 && { message: unreadableMessage(unreadable) }) };
  if (!view || view.state === 'stopped') return { state: 'off' };
  const { message, queuePlace } = view;
  if (view.state !== 'failed')
    return { state: 'starting', ...(message && { message }), ...(queuePlace && { queuePlace }) };
  return { state: 'failed', message: `${view.message ?? 'The interpreter ended.'} ${TRIED_AGAIN}` };
}

const TRIED_AGAIN = 'Booth tries again by itself.';
const englishNames = new Intl.DisplayNames(['en'], { type: 'language' });

const unreadableMessage = (languages: readonly LanguageCode[]): string =>
  `Captions in ${languages.map((code) => englishNames.of(code) ?? code).join(', ')} could not be published. ${TRIED_AGAIN}`;

const named = (languages: Languages): string => (languages === 'auto' ? '"auto"' : languages.join(', '));

type WayOfWork = Pick<InterpreterView, 'languages' | 'languageSettings' | 'pictures'>;

/** Whether one does what the other does, whatever their budgets. */
const worksAlike = (a: WayOfWork, b: WayOfWork): boolean =>
  sameLanguages(a.languages, b.languages) &&
  isDeepStrictEqual(a.languageSettings ?? {}, b.languageSettings ?? {}) &&
  a.pictures === b.pictures;

const sameLanguages = (a: Languages, b: Languages): boolean =>
  a === 'auto' || b === 'auto' ? a === b : a.length === b.length && a.every((code) => b.includes(code));
