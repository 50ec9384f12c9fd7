/** Tells the host's developers what their room lacks to be interpreted. */
import type { ParticipantView } from '@mediasoup-booth/protocol';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { callHost } from '../host-call.ts';
import { ProblemList } from '../in-process/problem-list.ts';
import { problemsOf } from '../in-process/room-problems.ts';
import type { RoomProblem, RoomProblemCode } from '../in-process/room-state.ts';
import type { ServedLanguages } from '../in-process/served-languages.ts';
import type { RemoteRoom } from './remote-room.ts';

/** What a host does over the network, where it would call something of a room in its own process. */
const REMEDIES: Partial<Record<RoomProblemCode, string>> = {
  nobodySpeaks:
    'Somebody wants to hear or read a translation, but nobody has said which language they speak: have people() return it, { speaks: "en" }.',
  noMicrophone:
    'Somebody wants to hear or read a translation, but there is no microphone to interpret: have people() return it among the producers, or push its consumer with the personId.',
  speaksUnknown:
    'Somebody has a microphone, but their language is not known: have people() return { speaks: "en" }, or { speaks: null } for who does not speak.',
};

/** A participant publishes to the room, whose server hands it on. */
const EVERY_MEANS = { hasOffer: true, hasMessages: true };

export class RemoteProblems {
  readonly #list: ProblemList;
  readonly #served: ServedLanguages;

  constructor(room: Pick<RemoteRoom, 'problems'>, served: ServedLanguages, clock: Clock, log: Logger) {
    this.#served = served;
    const warn = ({ code, message, person }: RoomProblem) =>
      log.warn({ code, ...(person !== undefined && { person }) }, message);
    const tell = () => {
      void callHost(
        () => room.problems?.(this.#list.current),
        (error) => log.error({ err: error, member: 'problems' }, 'member of the room failed'),
      );
    };
    this.#list = new ProblemList({ clock, onChanged: tell, onNew: room.problems ? () => {} : warn });
  }

  /** @param undeclared those whose language the host does not name, not even as none */
  update(participants: Iterable<ParticipantView>, undeclared: ReadonlySet<string>): void {
    const people = [...participants].filter(({ kind }) => kind === 'person');
    const inRoom = people.map(({ producers, ...person }) => ({
      ...person,
      isDescribed: true,
      speaks: undeclared.has(person.id) ? undefined : person.speaks,
      microphones: producers.filter(({ source }) => source === 'microphone').map(() => 'audio/opus'),
      isMuted: producers.every(({ source, paused }) => source !== 'microphone' || paused),
    }));
    const found = problemsOf(inRoom, this.#served, EVERY_MEANS);
    this.#list.set(
      'people',
      found.map((problem) => ({ ...problem, message: REMEDIES[problem.code] ?? problem.message })),
    );
  }

  /** @param message why the engine cannot be used; undefined: nothing is known against it */
  setEngineProblem(message: string | undefined): void {
    this.#list.set('engine', message === undefined ? [] : [{ code: 'engine', message }]);
  }

  close(): void {
    this.#list.close();
  }
}
