/** The transcript of a room's meeting [subscribe], also when it is over; and its deletion [host, admin]. */
import { type Response, Router } from 'express';
import { ApiError } from '../../protocol/api-error.ts';
import type { HeardLanguage } from '../../protocol/languages.ts';
import { type MeetingView, type Transcript, type TranscriptFormat, TranscriptQuery } from '../../protocol/rest.ts';
import type { TokenService } from '../auth/token-service.ts';
import { requireLanguages } from '../room/request-checks.ts';
import type { RoomRules } from '../room/room-rules.ts';
import type { Rooms } from '../room/rooms.ts';
import { srt, type TranscriptCue, txt, vtt } from '../transcript/formats.ts';
import type { TranscriptLine } from '../transcript/lines.ts';
import { transcriptLanguages, transcriptOf } from '../transcript/transcript.ts';
import type { Transcripts } from '../transcript/transcripts.ts';
import { authorize, roomOf } from './authorization.ts';
import { query } from './problems.ts';

interface TextFormat {
  type: string;
  write(lines: readonly TranscriptCue[]): string;
}

const textFormats: Record<Exclude<TranscriptFormat, 'json'>, TextFormat> = {
  srt: { type: 'application/x-subrip', write: srt },
  vtt: { type: 'text/vtt', write: vtt },
  txt: { type: 'text/plain', write: txt },
};

export function transcriptRoutes(
  passes: TokenService,
  rules: RoomRules,
  rooms: Rooms,
  transcripts: Transcripts,
): Router {
  const router = Router();

  router.get('/rooms/:room/transcript', async (request, response) => {
    const room = roomOf(request);
    const { sub, booth } = authorize(passes, request, room, 'subscribe');
    rules.requireAdmitted(room, sub, booth.grants);
    const { language, format, meeting: asked } = query(TranscriptQuery, request);
    requireLanguages({ reads: [language] });
    const { meeting, meetings, lines } = await transcripts.read(room, asked);
    const entries = transcriptOf(lines, language);
    if (entries.length === 0) throw nothingIn(language, lines);
    if (format !== 'json') return sendText(response, `${room}.${language}.${format}`, textFormats[format], entries);
    const document: Transcript = {
      room,
      ...meetingView(meeting),
      language,
      entries,
      meetings: meetings.map(meetingView),
    };
    response.json(document);
  });

  router.delete('/rooms/:room/transcript', (request, response) => {
    const room = roomOf(request);
    authorize(passes, request, room);
    transcripts.delete(room);
    rooms.find(room)?.transcriptDeleted();
    response.status(204).end();
  });

  return router;
}

function sendText(
  response: Response,
  fileName: string,
  { type, write }: TextFormat,
  lines: readonly TranscriptCue[],
): void {
  response.set('Content-Disposition', `attachment; filename="${fileName}"`);
  // The charset is told here for all of them: express knows text alone.
  response.set('Content-Type', `${type}; charset=utf-8`).send(Buffer.from(write(lines)));
}

const meetingView = (meeting: number): MeetingView => ({
  meeting: String(meeting),
  began: new Date(meeting).toISOString(),
});

function nothingIn(language: HeardLanguage, lines: readonly TranscriptLine[]): ApiError {
  const there = transcriptLanguages(lines);
  const remedy = there.length === 0 ? 'nothing was said' : `there is ${there.join(', ')}`;
  return new ApiError('notFound', `the transcript has nothing in "${language}": ${remedy}`);
}
