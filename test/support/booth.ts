/** An interpreter in the hands of a test: it says in a room, over real transports, exactly what the test has it say. */

import type { LanguageCode, RoomMessage, SpeakerView } from '@mediasoup-booth/protocol';
import { createOpusEncoder, OPUS_FRAME_MS } from '../../audio/opus-codec.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { OpusSender } from '../../bot/playout/opus-sender.ts';
import type { RoomConnection, TextOutput } from '../../bot/room/room-connection.ts';
import { systemClock } from '../../time/clock.ts';
import { Guest } from './meeting.ts';
import { interpreter, type TestServer } from './server.ts';
import { tone } from './sound.ts';

/** A message without what every message has. */
type Said<T extends RoomMessage['type']> = Omit<Extract<RoomMessage, { type: T }>, 'v' | 'type' | 'seq' | 'speaker'> & {
  /** By name. */
  speaker: string;
};

export class TestBooth {
  readonly #room: RoomConnection;
  readonly #captions = new Map<LanguageCode, TextOutput>();
  readonly #closing: (() => void)[] = [];
  #seq = 0;

  static async enter(server: TestServer, room: string): Promise<TestBooth> {
    const booth = await Guest.enter(server, interpreter('booth', { room, name: 'Interpreter' }));
    return new TestBooth(booth.room);
  }

  private constructor(room: RoomConnection) {
    this.#room = room;
  }

  /** Begins to caption a language. */
  async writes(language: LanguageCode): Promise<void> {
    const output = this.#room.publishCaptions(language);
    await output.opened;
    this.#captions.set(language, output);
  }

  /** Begins to sound in a language, without a pause; a pitch of 50, 100, 150 … goes on from frame to frame. */
  async sounds(language: LanguageCode, hz = 440): Promise<void> {
    const frame = tone(hz, OPUS_FRAME_MS, VOICE_SAMPLE_RATE);
    const sender = new OpusSender(
      await createOpusEncoder(),
      await this.#room.publishChannel(language),
      systemClock,
      () => frame,
    );
    sender.wake();
    this.#closing.push(() => sender.close());
  }

  caption(said: Said<'caption'>): void {
    this.#say(said.language, { ...said, ...this.#envelope('caption', said.speaker) });
  }

  playout(said: Said<'playout'>): void {
    this.#say(said.language, { ...said, ...this.#envelope('playout', said.speaker) });
  }

  status(said: Said<'status'>): void {
    this.#say(said.language, { ...said, ...this.#envelope('status', said.speaker) });
  }

  /** Sends no more sound and announces nothing, as when its process hangs. */
  fallSilent(): void {
    for (const close of this.#closing.splice(0)) close();
  }

  leave(): void {
    this.fallSilent();
    this.#room.close();
  }

  #envelope<T extends RoomMessage['type']>(type: T, speaker: string) {
    return { v: 1 as const, type, seq: ++this.#seq, speaker: this.#speaker(speaker) };
  }

  #speaker(name: string): SpeakerView {
    for (const participant of this.#room.participants.values())
      if (participant.name === name) return { id: participant.id, name };
    throw new Error(`${name} is not in the room`);
  }

  #say(language: LanguageCode, message: RoomMessage): void {
    const captions = this.#captions.get(language);
    if (!captions) throw new Error(`call writes('${language}') first`);
    captions.send(JSON.stringify(message));
  }
}
