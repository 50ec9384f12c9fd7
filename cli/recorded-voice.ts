/**
 * A participant who is a recording: says sentences in a room, round after round. After the first round it speaks only while
 * somebody is there to hear it, and pauses at the end of each, so that they can have a word.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { joinRoom } from '../bot/room/mediasoup-room.ts';
import type { RoomConnection } from '../bot/room/room-connection.ts';
import { systemClock } from '../time/clock.ts';
import { Player } from './player.ts';

/** Long enough for a sentence to be heard in translation before the next. */
const BETWEEN_SENTENCES_MS = 3500;
const BETWEEN_ROUNDS_MS = 12_000;
const LOOK_EVERY_MS = 500;
const INTERPRETER_WITHIN_MS = 20_000;
/** From coming in to receiving a microphone. */
const READY_MS = 1000;

export interface RecordedVoiceOptions {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  /** 24 kHz mono each. */
  sentences: readonly Int16Array[];
  /** After the first round. */
  onRoundOver(): void;
  signal: AbortSignal;
}

/** Settles when `signal` aborts. @throws where the room is lost */
export async function playRecordedVoice({
  url,
  token,
  sentences,
  onRoundOver,
  signal,
}: RecordedVoiceOptions): Promise<void> {
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
  const player = await Player.create(await connection.publishMicrophone());
  const finished = rounds(connection, player, { sentences, onRoundOver, signal });
  try {
    await Promise.race([finished, ended]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    player.close();
    connection.close();
  }
}

async function rounds(
  connection: RoomConnection,
  player: Player,
  { sentences, onRoundOver, signal }: Pick<RecordedVoiceOptions, 'sentences' | 'onRoundOver' | 'signal'>,
): Promise<void> {
  await interpreterIn(connection, signal);
  for (let round = 1; !signal.aborted; round++) {
    for (const sentence of sentences) {
      while (round > 1 && !hasAudience(connection)) await delay(LOOK_EVERY_MS, undefined, { signal });
      await player.play(sentence);
      await delay(BETWEEN_SENTENCES_MS, undefined, { signal });
    }
    if (round === 1) onRoundOver();
    await delay(BETWEEN_ROUNDS_MS, undefined, { signal });
  }
}

/** The first sentence should not be lost on an interpreter who is still coming; one who never comes is not waited for. */
async function interpreterIn({ participants }: RoomConnection, signal: AbortSignal): Promise<void> {
  const isThere = () => [...participants.values()].some(({ kind }) => kind === 'interpreter');
  for (let waitedMs = 0; !isThere() && waitedMs < INTERPRETER_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
  await delay(READY_MS, undefined, { signal });
}

const hasAudience = ({ self, participants }: RoomConnection): boolean =>
  [...participants.values()].some(({ id, kind }) => kind === 'person' && id !== self);
