/**
 * `meeting()` for a page that is in a mediasoup meeting of its own, and the elements with it. A file of its own, so that pages that need
 * the elements alone load no more than these.
 */
import { EmbeddedMeeting, type EmbeddedMeetingOptions } from './embedding/embedded-meeting.ts';
import { channels } from './widget.ts';

export const meeting = (options: EmbeddedMeetingOptions): EmbeddedMeeting => new EmbeddedMeeting(options, channels);

export * from './widget.ts';
