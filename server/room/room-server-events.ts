/**
 * What other applications are told of a room. Of one that was opened ahead of its move they are told when it has moved here, with
 * who is in it then: until that moment the meeting is the other server's.
 */
import {
  type CaptionMessage,
  CloseCode,
  type InterpreterView,
  type WebhookData,
  type WebhookParticipant,
} from '@mediasoup-booth/protocol';
import type { ServerEvents } from '../server-events.ts';
import type { Participant } from './participant.ts';

type LeavingReason = WebhookData<'participant.left'>['reason'];

/** Why somebody left, where they did not go by themselves. */
const leavingReasons: ReadonlyMap<number, LeavingReason> = new Map([
  [CloseCode.removed, 'removed'],
  [CloseCode.replaced, 'replaced'],
  [CloseCode.revoked, 'revoked'],
]);

export interface RoomServerEventsOptions {
  events: Pick<ServerEvents, 'emit'>;
  room: string;
  /** Tells the room from an earlier one of the same name. */
  instance: string;
}

export class RoomServerEvents {
  readonly #events: RoomServerEventsOptions['events'];
  readonly #named: { room: string; instance: string };
  #hasStarted = false;

  constructor({ events, room, instance }: RoomServerEventsOptions) {
    this.#events = events;
    this.#named = { room, instance };
  }

  /** The room is this server's from now on. */
  started(participants: readonly Participant[], interpreter: InterpreterView | undefined): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#events.emit('room.started', this.#named);
    for (const participant of participants) this.joined(participant);
    if (interpreter) this.interpreterState(interpreter);
  }

  joined(participant: Participant): void {
    if (!this.#hasStarted || participant.reader) return;
    this.#events.emit('participant.joined', { ...this.#named, participant: toldOf(participant) });
  }

  /** @param code with which their connection was closed */
  left(participant: Participant, code: number): void {
    this.#left(participant, leavingReasons.get(code) ?? 'left');
  }

  #left(participant: Participant, reason: LeavingReason): void {
    if (!this.#hasStarted || participant.reader) return;
    this.#events.emit('participant.left', { ...this.#named, participant: toldOf(participant), reason });
  }

  interpreterState({ id, state, message }: InterpreterView): void {
    if (!this.#hasStarted) return;
    this.#events.emit('interpreter.state', { ...this.#named, interpreter: id, state, ...(message && { message }) });
  }

  caption(interpreter: string, caption: CaptionMessage): void {
    const { utterance, language, kind, speaker, stable, corrected, start, end, sourceUtterance, contentFiltered } =
      caption;
    this.#events.emit('caption.final', {
      ...this.#named,
      interpreter,
      utterance,
      language,
      kind,
      speaker,
      text: corrected ?? stable,
      start,
      ...(end !== undefined && { end }),
      ...(sourceUtterance !== undefined && { sourceUtterance }),
      ...(contentFiltered && { contentFiltered }),
    });
  }

  /** @param participants who were in the room when it closed */
  ended(
    participants: readonly Participant[],
    end: Pick<WebhookData<'room.ended'>, 'durationMs' | 'reason' | 'meetingOver'>,
  ): void {
    for (const participant of participants) this.#left(participant, 'roomEnded');
    if (this.#hasStarted) this.#events.emit('room.ended', { ...this.#named, ...end });
  }
}

const toldOf = ({ id, identity, name, kind }: Participant): WebhookParticipant => ({ id, identity, name, kind });
