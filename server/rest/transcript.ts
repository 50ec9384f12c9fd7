/**
 * The transcript of a room's meeting [captions, admin], also when it is over; and its deletion [host, admin]. Hosts and admins read every
 * meeting of the room; others those which had not ended when they were invited.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ApiError,
  type Claims,
  type HeardLanguage,
  type MeetingView,
  RoomName,
  Transcript,
  type TranscriptFormat,
  TranscriptQuery,
} from '@mediasoup-booth/protocol';
import type { Response } from 'express';
import { z } from 'zod';
import { requireLanguages } from '../room/request-checks.ts';
import type { RoomRules } from '../room/room-rules.ts';
import type { Rooms } from '../room/rooms.ts';
import { srt, type TranscriptCue, txt, vtt } from '../transcript/formats.ts';
import type { StoredTranscript, Transcripts } from '../transcript/transcripts.ts';
import { WorkSlices } from '../transcript/work-slices.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { NO_CONTENT, RESPONDED, type Route, route } from './route.ts';

interface TextFormat {
  type: string;
  write(lines: readonly TranscriptCue[]): Iterable<string>;
}

const textFormats: Record<Exclude<TranscriptFormat, 'json'>, TextFormat> = {
  srt: { type: 'application/x-subrip', write: srt },
  vtt: { type: 'text/vtt', write: vtt },
  txt: { type: 'text/plain', write: txt },
};

const PIECE_CHARACTERS = 65_536;

const params = z.object({ room: RoomName });

export const transcriptRoutes = (
  rules: RoomRules,
  rooms: Rooms,
  transcripts: Transcripts,
  webhooks: Pick<Webhooks, 'removeCaptions'>,
): Route[] => [
  route({
    method: 'get',
    path: '/v1/rooms/{room}/transcript',
    summary: 'What was said, as it was heard',
    grants: ['captions', 'admin'],
    params,
    query: TranscriptQuery,
    answers: { 200: Transcript },
    types: ['application/json', 'text/plain', 'text/vtt', 'application/x-subrip'],
    async handle({ claims, params: { room }, query: { language, format, meeting: requested }, response }) {
      rules.requireAdmitted(room, claims.sub, claims.booth.grants);
      requireLanguages({ reads: [language] });
      const stored = await transcripts.read(room, language, requested, readableSinceMs(claims));
      if (stored.entries.length === 0) throw emptyTranscript(language, stored.languages);
      if (format === 'json') response.type('json');
      else setFile(response, `${room}.${language}.${format}`, textFormats[format]);
      await send(
        response,
        format === 'json' ? asJson(room, language, stored) : textFormats[format].write(stored.entries),
      );
      return RESPONDED;
    },
  }),

  route({
    method: 'delete',
    path: '/v1/rooms/{room}/transcript',
    summary: 'Deletes what was kept of a room',
    grants: ['host', 'admin'],
    params,
    answers: { 204: null },
    async handle({ params: { room } }) {
      webhooks.removeCaptions(room);
      await transcripts.delete(room);
      rooms.find(room)?.transcriptDeleted();
      return NO_CONTENT;
    },
  }),
];

/** A meeting that had ended by then is not theirs to read. */
function readableSinceMs({ iat, booth }: Claims): number {
  const all = booth.grants.includes('host') || booth.grants.includes('admin');
  return all ? 0 : (booth.since ?? iat) * 1000;
}

function setFile(response: Response, fileName: string, { type }: TextFormat): void {
  response.set('Content-Disposition', `attachment; filename="${fileName}"`);
  // The charset is set by hand for all of them: express adds one to text types alone.
  response.set('Content-Type', `${type}; charset=utf-8`);
}

/** The answer's JSON, one entry at a time: there may be 100,000. */
function* asJson(room: string, language: HeardLanguage, { meeting, meetings, entries }: StoredTranscript) {
  const all: Pick<Transcript, 'meetings'> = { meetings: meetings.map(meetingView) };
  const view: Omit<Transcript, 'entries' | 'meetings'> = { room, ...meetingView(meeting), language };
  yield `${JSON.stringify(view).slice(0, -1)},"entries":[`;
  for (const [index, entry] of entries.entries()) yield `${index > 0 ? ',' : ''}${JSON.stringify(entry)}`;
  yield `],${JSON.stringify(all).slice(1)}`;
}

/** Sends a long text while others have their turns, as fast as its reader takes it. */
async function send(response: Response, pieces: Iterable<string>): Promise<void> {
  // A reader who went away wants no more.
  await pipeline(Readable.from(sliced(pieces)), response).catch(() => response.destroy());
}

async function* sliced(pieces: Iterable<string>): AsyncGenerator<string> {
  const slices = new WorkSlices();
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length >= PIECE_CHARACTERS) {
      yield text;
      text = '';
    }
    if (slices.isOver) await slices.next();
  }
  yield text;
}

const meetingView = (meeting: number): MeetingView => ({
  meeting: String(meeting),
  began: new Date(meeting).toISOString(),
});

function emptyTranscript(language: HeardLanguage, available: readonly string[]): ApiError {
  const remedy = available.length === 0 ? 'nothing was said' : `there is ${available.join(', ')}`;
  return new ApiError('notFound', `the transcript has nothing in "${language}": ${remedy}`);
}
