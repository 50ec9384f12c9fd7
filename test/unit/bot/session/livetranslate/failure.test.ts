import { describe, expect, it } from 'vitest';
import type { TranslationError } from '../../../../../bot/session/translation-session.ts';
import { ScriptedService } from '../../../../support/livetranslate.ts';
import { sentence, transcription } from '../../../../support/livetranslate-sentence.ts';

describe('a failure', () => {
  const failure = (service: ScriptedService): TranslationError | undefined => service.of('closed')[0];

  it('of one request leaves the session alive', () => {
    const service = new ScriptedService().ready().says({
      type: 'error',
      error: { type: 'invalid_request_error', code: 'invalid_value', message: 'no such event' },
    });
    expect(service.of('closed')).toEqual([]);
    service.says(...sentence);
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
  });

  it.each([
    ['an error frame', { type: 'error', error: { code: 'DataInspectionFailed', message: 'inappropriate' } }],
    ['a nameless error', { code: 'DataInspectionFailed', message: 'inappropriate' }],
    [
      'a failed transcription',
      {
        type: `${transcription}.failed`,
        item_id: 's',
        error: { code: 'DataInspectionFailed', message: 'inappropriate' },
      },
    ],
    [
      'a failed response',
      {
        type: 'response.done',
        response: { id: 'r', status: 'failed', error: { code: 'DataInspectionFailed', message: 'inappropriate' } },
      },
    ],
    [
      'the details of a failed response',
      {
        type: 'response.done',
        response: { id: 'r', status: 'failed', status_details: { error: { code: 'data_inspection_failed' } } },
      },
    ],
  ])('of the content rules, told by %s, is refused, and the session lives on', (_how, frame) => {
    const service = new ScriptedService().ready().says(frame);
    expect(service.of('contentFiltered')).toMatchObject([{ class: 'content', retryable: false }]);
    expect(service.of('closed')).toEqual([]);
    service.says(...sentence);
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
    expect(service.of('contentFiltered')).toHaveLength(1);
  });

  it.each([
    {
      type: `${transcription}.failed`,
      item_id: 's',
      error: { code: 'UNEXPECTED_ASR_ERROR', message: 'statusCode=504' },
    },
    { type: 'response.done', response: { id: 'r', status: 'failed', error: { code: 'InternalError' } } },
  ])('of one piece for any other reason is logged, and explains a close: %j', (frame) => {
    const service = new ScriptedService().ready().says(frame);
    expect(service.of('contentFiltered')).toEqual([]);
    expect(service.logged.some((line) => line.includes(frame.error?.code ?? 'InternalError'))).toBe(true);
    service.ends({ type: 'closed', code: 1011, reason: '' });
    expect(failure(service)?.code).toBe(frame.error?.code ?? 'InternalError');
  });

  it('of the content rules before the session is ready ends it: there is no other piece', () => {
    const service = new ScriptedService().opens().says({ type: 'session.created' });
    service.says({ type: 'error', error: { code: 'DataInspectionFailed', message: 'a hotword' } });
    expect(service.of('contentFiltered')).toEqual([]);
    expect(failure(service)).toMatchObject({ class: 'content' });
  });

  it('whose excuse cannot be read does not lose the response', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'response.text.text', response_id: 'r', item_id: 't', text: 'Hola' },
        { type: 'response.done', response: { id: 'r', status: 'failed', error: 5, status_details: 'why' } },
      );
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
    expect(service.client.counters.malformedFrames).toBe(0);
  });

  it('explains the close that follows it', () => {
    const service = new ScriptedService().ready();
    service.says({ type: 'error', error: { code: 'DataInspectionFailed', message: 'inappropriate' } });
    service.ends({ type: 'closed', code: 1011, reason: '' });
    expect(failure(service)).toMatchObject({ class: 'content', code: 'DataInspectionFailed' });
  });

  it('does not explain a close that explains itself', () => {
    const service = new ScriptedService().ready();
    service.says({ type: 'error', error: { code: 'DataInspectionFailed', message: 'inappropriate' } });
    service.ends({ type: 'closed', code: 1007, reason: 'Requests rate limit exceeded, please try again later.' });
    expect(failure(service)).toMatchObject({ class: 'throttle', code: 'close_1007' });
  });

  it.each([
    ['the network was cut', { type: 'closed', code: 1006, reason: 'ECONNRESET read ECONNRESET' }],
    ['the service closed it', { type: 'closed', code: 1011, reason: '' }],
  ] as const)('of the settings that it survived denies nothing when %s right after it', (_how, ending) => {
    const busy = { type: 'invalid_request_error', code: 'audio_backlog_full', message: 'the audio backlog is full' };
    const service = new ScriptedService().ready().says({ type: 'error', error: busy });
    expect(service.of('closed')).toEqual([]);
    service.clock.advance(4900);
    service.ends(ending);
    expect(failure(service)).toMatchObject({ class: 'transient', retryable: true, code: 'audio_backlog_full' });
    expect(failure(service)?.summary).toContain('cannot keep up');
  });

  it('does not explain a close much later', () => {
    const service = new ScriptedService().ready();
    service.says({ type: 'error', error: { code: 'DataInspectionFailed', message: 'inappropriate' } });
    service.clock.advance(60_000);
    service.ends({ type: 'closed', code: 1006, reason: '' });
    expect(failure(service)).toMatchObject({ class: 'transient' });
  });

  it('of the service ends the session', () => {
    const service = new ScriptedService().ready();
    service.says({ type: 'error', error: { code: 'COMMON_ERROR', message: 'model repeat output happened' } });
    expect(failure(service)).toMatchObject({ class: 'transient', code: 'COMMON_ERROR' });
    service.ends({ type: 'closed', code: 1011, reason: '' });
    expect(service.of('closed')).toHaveLength(1);
  });

  it('is understood without a type', () => {
    const service = new ScriptedService().ready().says({ code: 'Throttling.RateQuota', message: 'slow down' });
    expect(failure(service)).toMatchObject({ class: 'throttle', code: 'Throttling.RateQuota' });
  });

  it('is a close with 1011, a close unasked however polite, and a session that ends unasked', () => {
    expect(failure(new ScriptedService().ready().ends({ type: 'closed', code: 1000, reason: '' }))).toMatchObject({
      class: 'transient',
      code: 'close_1000',
    });
    expect(failure(new ScriptedService().ready().ends({ type: 'closed', code: 1011, reason: '' }))).toMatchObject({
      class: 'transient',
      code: 'close_1011',
    });
    expect(failure(new ScriptedService().ready().says({ type: 'session.finished' }))).toMatchObject({
      class: 'transient',
    });
  });

  it('is a service that nobody runs', () => {
    const service = new ScriptedService();
    service.ends({ type: 'unreachable', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' });
    expect(failure(service)?.message).toMatch(/^The translation service at translate\.test cannot be reached/);
    expect(service.clock.pending).toBe(0);
  });
});
