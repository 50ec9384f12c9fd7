/**
 * A participant of the demonstration who speaks recorded sentences, round after round. After the first round it speaks only while
 * somebody else is in the room, and it pauses after each round, so that others can speak.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { joinRoom, type RoomConnection } from '@mediasoup-booth/interpreter/remote';
import { systemClock } from '../time/clock.ts';
import { RecordingPublisher } from './recording-publisher.ts';

/** Long enough for a sentence's translation to be heard before the next sentence. */
const BETWEEN_SENTENCES_MS = 3500;
const BETWEEN_ROUNDS_MS = 12_000;
const POLL_EVERY_MS = 500;
const INTERPRETER_WITHIN_MS = 20_000;
/** An interpreter that has joined receives the microphone after this long. */
const READY_MS = 1000;

export interface RecordedParticipantOptions {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  /** 24 kHz mono each. */
  sentences: readonly Int16Array[];
  /** Called once, after the first round. */
  onFirstRoundOver(): void;
  signal: AbortSignal;
}

/** Resolves when `signal` aborts. @throws where the connection to the room is lost */
export async function runRecordedParticipant({
  url,
  token,
  sentences,
  onFirstRoundOver,
  signal,
}: RecordedParticipantOptions): Promise<void> {
  const { promise: ended, reject: lose } = Promise.withResolvers<never>();
  const connection = await joinRoom({
    url,
    token,
    preferences: { speaks: 'en', hears: 'original', reads: [] },
    clock: systemClock,
    events: {
      changed() {},
      ended: ({ reason }) => {
        if (!signal.aborted) lose(new Error(`the room was lost: ${reason}`));
      },
    },
  });
  const publisher = await RecordingPublisher.create(await connection.publishMicrophone());
  const finished = playRounds(connection, publisher, { sentences, onFirstRoundOver, signal });
  try {
    await Promise.race([finished, ended]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    publisher.close();
    connection.close();
  }
}

async function playRounds(
  connection: RoomConnection,
  publisher: RecordingPublisher,
  {
    sentences,
    onFirstRoundOver,
    signal,
  }: Pick<RecordedParticipantOptions, 'sentences' | 'onFirstRoundOver' | 'signal'>,
): Promise<void> {
  await waitForInterpreter(connection, signal);
  for (let round = 1; !signal.aborted; round++) {
    for (const sentence of sentences) {
      while (round > 1 && !hasAudience(connection)) await delay(POLL_EVERY_MS, undefined, { signal });
      await publisher.play(sentence);
      await delay(BETWEEN_SENTENCES_MS, undefined, { signal });
    }
    if (round === 1) onFirstRoundOver();
    await delay(BETWEEN_ROUNDS_MS, undefined, { signal });
  }
}

/** Waits up to 20 s, so that an interpreter which is still joining does not miss the first sentence. */
async function waitForInterpreter({ participants }: RoomConnection, signal: AbortSignal): Promise<void> {
  const isThere = () => [...participants.values()].some(({ kind }) => kind === 'interpreter');
  for (let waitedMs = 0; !isThere() && waitedMs < INTERPRETER_WITHIN_MS; waitedMs += POLL_EVERY_MS) {
    await delay(POLL_EVERY_MS, undefined, { signal });
  }
  await delay(READY_MS, undefined, { signal });
}

const hasAudience = ({ self, participants }: RoomConnection): boolean =>
  [...participants.values()].some(({ id, kind }) => kind === 'person' && id !== self);
