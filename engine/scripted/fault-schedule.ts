/** Decides which faults of a script occur when, by counting connections and utterances. */
import type { Random } from './random.ts';
import {
  isLastingFault,
  type LastingFault,
  type MomentaryFault,
  type On,
  type ScriptedFault,
  type Which,
} from './script.ts';

export interface DueFaults {
  momentary: { afterMs: number; moment: MomentaryFault }[];
  lasting: LastingFault[];
}

interface Counted {
  connection: number;
  /** Counted on that connection, and on all connections. */
  utterance?: { there: number; anywhere: number };
}

export class FaultSchedule {
  readonly #random: Random;
  readonly #left: { fault: ScriptedFault; times: number }[];

  constructor(faults: readonly ScriptedFault[], random: Random) {
    this.#random = random;
    this.#left = faults.map((fault) => ({ fault, times: fault.times ?? Number.POSITIVE_INFINITY }));
  }

  /** The fault that refuses the connection, if there is one. */
  refusal(connection: number): Extract<ScriptedFault, { do: 'refuse' }> | undefined {
    const [fault] = this.#take((fault) => fault.do === 'refuse' && isOn(fault.on, { connection }), 1);
    return fault?.do === 'refuse' ? fault : undefined;
  }

  /** The faults of a connection that opens, or of an utterance that starts. */
  due(counted: Counted): DueFaults {
    const due: DueFaults = { momentary: [], lasting: [] };
    for (const fault of this.#take((fault) => fault.do !== 'refuse' && isOn(fault.on, counted))) {
      if (isLastingFault(fault.do)) due.lasting.push(fault.do);
      else if (fault.do === 'hiccup') {
        due.momentary.push({ afterMs: this.#when(fault.on), moment: { do: 'hiccup', ms: fault.ms } });
      } else if (fault.do !== 'refuse') due.momentary.push({ afterMs: this.#when(fault.on), moment: fault.do });
    }
    return due;
  }

  #take(matches: (fault: ScriptedFault) => boolean, limit = Number.POSITIVE_INFINITY): ScriptedFault[] {
    const taken = this.#left.filter(({ fault, times }) => times > 0 && matches(fault)).slice(0, limit);
    for (const entry of taken) entry.times--;
    return taken.map(({ fault }) => fault);
  }

  #when({ afterMs, betweenMs }: On): number {
    return betweenMs ? this.#random.between(...betweenMs) : (afterMs ?? 0);
  }
}

function isOn(on: On, { connection, utterance }: Counted): boolean {
  if ((on.utterance === undefined) !== (utterance === undefined)) return false;
  if (on.connection !== undefined && !isOne(on.connection, connection)) return false;
  if (on.utterance === undefined || !utterance) return true;
  return isOne(on.utterance, on.connection === undefined ? utterance.anywhere : utterance.there);
}

const isOne = (which: Which, n: number): boolean => (typeof which === 'number' ? n === which : n % which.every === 0);
