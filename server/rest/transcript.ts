/** The transcript of a room's meeting [subscribe, admin], also when it is over; and its deletion [host, admin]. */
import type { Response } from 'express';
import { z } from 'zod';
import { ApiError } from '../../protocol/api-error.ts';
import type { HeardLanguage } from '../../protocol/languages.ts';
import { type MeetingView, Transcript, type TranscriptFormat, TranscriptQuery } from '../../protocol/rest.ts';
import { RoomName } from '../../protocol/rooms.ts';
import { requireLanguages } from '../room/request-checks.ts';
import type { RoomRules } from '../room/room-rules.ts';
import type { Rooms } from '../room/rooms.ts';
import { srt, type TranscriptCue, txt, vtt } from '../transcript/formats.ts';
import type { TranscriptLine } from '../transcript/lines.ts';
import { transcriptLanguages, transcriptOf } from '../transcript/transcript.ts';
import type { Transcripts } from '../transcript/transcripts.ts';
import { json, NO_CONTENT, RESPONDED, type Route, route } from './route.ts';

interface TextFormat {
  type: string;
  write(lines: readonly TranscriptCue[]): string;
}

const textFormats: Record<Exclude<TranscriptFormat, 'json'>, TextFormat> = {
  srt: { type: 'application/x-subrip', write: srt },
  vtt: { type: 'text/vtt', write: vtt },
  txt: { type: 'text/plain', write: txt },
};

const params = z.object({ room: RoomName });

export const transcriptRoutes = (rules: RoomRules, rooms: Rooms, transcripts: Transcripts): Route[] => [
  route({
    method: 'get',
    path: '/v1/rooms/{room}/transcript',
    summary: 'What was said, as it was heard',
    grants: ['subscribe', 'admin'],
    params,
    query: TranscriptQuery,
    answers: { 200: Transcript },
    types: ['application/json', 'text/plain', 'text/vtt', 'application/x-subrip'],
    async handle({ claims, params: { room }, query: { language, format, meeting: requested }, response }) {
      rules.requireAdmitted(room, claims.sub, claims.booth.grants);
      requireLanguages({ reads: [language] });
      const { meeting, meetings, lines } = await transcripts.read(room, requested);
      const entries = transcriptOf(lines, language);
      if (entries.length === 0) throw emptyTranscript(language, lines);
      if (format !== 'json') {
        sendText(response, `${room}.${language}.${format}`, textFormats[format], entries);
        return RESPONDED;
      }
      const all = meetings.map(meetingView);
      return json(200, { room, ...meetingView(meeting), language, entries, meetings: all });
    },
  }),

  route({
    method: 'delete',
    path: '/v1/rooms/{room}/transcript',
    summary: 'Deletes what was kept of a room',
    grants: ['host', 'admin'],
    params,
    answers: { 204: null },
    handle({ params: { room } }) {
      transcripts.delete(room);
      rooms.find(room)?.transcriptDeleted();
      return NO_CONTENT;
    },
  }),
];

function sendText(
  response: Response,
  fileName: string,
  { type, write }: TextFormat,
  lines: readonly TranscriptCue[],
): void {
  response.set('Content-Disposition', `attachment; filename="${fileName}"`);
  // The charset is set by hand for all of them: express adds one to text types alone.
  response.set('Content-Type', `${type}; charset=utf-8`).send(Buffer.from(write(lines)));
}

const meetingView = (meeting: number): MeetingView => ({
  meeting: String(meeting),
  began: new Date(meeting).toISOString(),
});

function emptyTranscript(language: HeardLanguage, lines: readonly TranscriptLine[]): ApiError {
  const available = transcriptLanguages(lines);
  const remedy = available.length === 0 ? 'nothing was said' : `there is ${available.join(', ')}`;
  return new ApiError('notFound', `the transcript has nothing in "${language}": ${remedy}`);
}
