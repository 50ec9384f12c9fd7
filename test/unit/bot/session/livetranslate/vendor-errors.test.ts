import { describe, expect, it } from 'vitest';
import type { Ending } from '../../../../../bot/session/livetranslate/socket.ts';
import {
  errorFromEnding,
  errorFromFrame,
  leavesSessionAlive,
  type VendorError,
} from '../../../../../bot/session/livetranslate/vendor-errors.ts';
import type { ErrorClass } from '../../../../../bot/session/translation-session.ts';

const peer = { host: 'translate.test:443', key: 'sk-very-secret' };

const frames: [ErrorClass, VendorError][] = [
  ['config', { type: 'invalid_request_error', code: 'invalid_value', message: 'x', param: 'session.modalities' }],
  ['config', { code: 'InvalidParameter', message: 'bad' }],
  ['config', { message: 'Invalid translation parameter.' }],
  ['config', { code: 'InternalError.Algo.InvalidParameter', message: "Voice 'Chelsie' is not supported." }],
  ['config', { message: "Voice 'Chelsie' is not supported." }],
  ['account', { code: 'InvalidApiKey', message: 'Invalid API-key provided.' }],
  ['account', { code: 'Arrearage', message: 'overdue' }],
  ['account', { code: 'AccessDenied' }],
  ['account', { code: 'AccessDenied.Unpurchased' }],
  ['account', { code: 'Model.AccessDenied' }],
  ['account', { code: 'Workspace.AccessDenied' }],
  ['account', { code: 'AllocationQuota.FreeTierOnly' }],
  ['account', { code: 'ModelNotFound' }],
  ['account', { code: 'PrepaidBillOverdue' }],
  ['account', { code: 'PostpaidBillOverdue' }],
  ['throttle', { code: 'Throttling' }],
  ['throttle', { code: 'Throttling.RateQuota' }],
  ['throttle', { code: 'limit_requests' }],
  ['throttle', { code: 'Throttling.BurstRate' }],
  ['throttle', { code: 'limit_burst_rate' }],
  ['throttle', { code: 'Throttling.AllocationQuota' }],
  ['throttle', { code: 'insufficient_quota' }],
  ['throttle', { code: 'AllocationQuota', message: 'Allocated quota exceeded' }],
  ['throttle', { type: 'invalid_request_error', message: 'Requests rate limit exceeded, please try again later.' }],
  ['transient', { code: 'COMMON_ERROR', message: 'model repeat output happened' }],
  [
    'transient',
    {
      type: 'transcription_error',
      code: 'UNEXPECTED_ASR_ERROR',
      message: 'statusCode=504, Response stream timeout (timeout_seconds=300)',
    },
  ],
  ['transient', { type: 'server_error', code: 'InternalError' }],
  ['transient', { type: 'invalid_request_error', code: 'COMMON_ERROR', message: 'model repeat output happened' }],
  ['transient', { type: 'invalid_request_error', code: 'RequestTimeOut' }],
  ['transient', { type: 'invalid_request_error', code: 'UNEXPECTED_ASR_ERROR' }],
  ['config', { type: 'server_error', message: "InternalError.Algo.InvalidParameter: Voice 'X' is not supported." }],
  ['transient', { code: 'SystemError' }],
  ['transient', { code: 'ModelServingError' }],
  ['transient', { code: 'ModelUnavailable' }],
  ['transient', { code: 'RequestTimeOut' }],
  ['transient', {}],
  ['content', { code: 'DataInspectionFailed', message: 'Input data may contain inappropriate content.' }],
];

const endings: [ErrorClass, Ending][] = [
  ['throttle', { type: 'closed', code: 1007, reason: 'Requests rate limit exceeded, please try again later.' }],
  [
    'config',
    { type: 'closed', code: 1011, reason: "InternalError.Algo.InvalidParameter: Voice 'X' is not supported." },
  ],
  ['account', { type: 'closed', code: 1007, reason: 'Workspace access denied' }],
  ['transient', { type: 'closed', code: 1011, reason: 'model repeat output happened' }],
  ['transient', { type: 'closed', code: 1006, reason: '' }],
  ['transient', { type: 'closed', code: 1000, reason: '' }],
  ['account', { type: 'refused', status: 401, body: '' }],
  ['account', { type: 'refused', status: 401, body: '{"code":"InvalidApiKey","message":"Invalid API-key provided."}' }],
  ['account', { type: 'refused', status: 403, body: '<html>Forbidden</html>' }],
  ['account', { type: 'refused', status: 404, body: '' }],
  ['account', { type: 'refused', status: 429, body: '{"code":"PostpaidBillOverdue"}' }],
  ['account', { type: 'refused', status: 429, body: '{"code":"PrepaidBillOverdue","message":"The bill is overdue."}' }],
  ['account', { type: 'refused', status: 403, body: '{"code":"AllocationQuota.FreeTierOnly"}' }],
  ['account', { type: 'refused', status: 400, body: '{"code":"Arrearage"}' }],
  ['throttle', { type: 'refused', status: 429, body: '' }],
  ['throttle', { type: 'refused', status: 429, body: '{"code":"Throttling.AllocationQuota"}' }],
  ['content', { type: 'refused', status: 400, body: '{"code":"DataInspectionFailed"}' }],
  ['config', { type: 'refused', status: 400, body: '' }],
  ['config', { type: 'refused', status: 200, body: '<html>Welcome</html>' }],
  ['config', { type: 'refused', status: 302, body: '' }],
  ['config', { type: 'refused', status: 405, body: '' }],
  ['transient', { type: 'refused', status: 408, body: '' }],
  ['transient', { type: 'refused', status: 504, body: '' }],
  ['transient', { type: 'refused', status: 502, body: '' }],
  ['transient', { type: 'unreachable', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' }],
  ['transient', { type: 'unreachable', code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND translate.test' }],
  ['transient', { type: 'unreachable', code: 'ECONNRESET', message: 'socket hang up' }],
  ['config', { type: 'unreachable', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' }],
];

describe('the class of a failure', () => {
  it.each(frames)('is %s for the error frame %j', (errorClass, frame) => {
    expect(errorFromFrame(frame, peer).class).toBe(errorClass);
  });

  it.each(endings)('is %s for the ending %j', (errorClass, ending) => {
    expect(errorFromEnding(ending, peer).class).toBe(errorClass);
  });

  it('says whether trying again may help', () => {
    expect(errorFromFrame({ code: 'COMMON_ERROR' }, peer).retryable).toBe(true);
    expect(errorFromFrame({ code: 'limit_requests' }, peer).retryable).toBe(true);
    expect(errorFromFrame({ code: 'InvalidApiKey' }, peer).retryable).toBe(false);
    expect(errorFromFrame({ code: 'invalid_value' }, peer).retryable).toBe(false);
  });
});

describe('the message of a failure', () => {
  const all = [
    ...frames.map(([, frame]) => errorFromFrame(frame, peer)),
    ...endings.map(([, ending]) => errorFromEnding(ending, peer)),
  ];

  it('names the service and ends with a remedy, in sentences', () => {
    for (const { message } of all) {
      expect(message).toMatch(/^The translation service at translate\.test:443 .+\. [A-Z].+\.$/);
    }
  });

  it('tells what happened without the remedy, for where that is done already', () => {
    const { summary, message } = errorFromEnding({ type: 'closed', code: 1006, reason: '' }, peer);
    expect(summary).toBe('The translation service at translate.test:443 closed the connection: code 1006.');
    expect(message).toBe(`${summary} Try again in a moment.`);
  });

  it('carries what the service said, and the setting that it refused', () => {
    const error = errorFromFrame({ code: 'invalid_value', message: 'No way.', param: 'session.voice' }, peer);
    expect(error.message).toContain('No way. (session.voice).');
    expect(error.code).toBe('invalid_value');
  });

  it('tells where nobody answers', () => {
    const error = errorFromEnding({ type: 'unreachable', code: 'ECONNREFUSED', message: 'x' }, peer);
    expect(error.message).toContain('at translate.test:443 cannot be reached');
  });

  it('never contains the key, not even where the service repeats it', () => {
    const repeated = 'Incorrect API key provided: sk-very-secret';
    const errors = [
      errorFromFrame({ code: 'InvalidApiKey', message: repeated }, peer),
      errorFromFrame({ code: 'sk-very-secret' }, peer),
      errorFromEnding({ type: 'closed', code: 1008, reason: repeated }, peer),
      errorFromEnding({ type: 'refused', status: 401, body: JSON.stringify({ message: repeated }) }, peer),
      errorFromEnding({ type: 'unreachable', code: 'X', message: repeated }, peer),
    ];
    for (const error of errors) expect(`${error.code} ${error.message}`).not.toContain('sk-very-secret');
  });

  it('never carries control characters to a terminal, nor a novel', () => {
    const error = errorFromFrame({ message: `\u001b[31mred\u0007\r\n${'long '.repeat(1000)}` }, peer);
    expect(error.message).not.toMatch(/\p{Cc}/u);
    expect(error.message.length).toBeLessThan(700);
  });
});

describe('an error frame in a running session', () => {
  const survives = (frame: VendorError): boolean => leavesSessionAlive(frame, errorFromFrame(frame, peer));

  it('leaves it alive where one request or one piece of speech was refused', () => {
    expect(survives({ type: 'invalid_request_error', code: 'invalid_value' })).toBe(true);
    expect(survives({ code: 'DataInspectionFailed' })).toBe(true);
  });

  it('says of an engine that falls behind that its computer is too busy, and goes on with it', () => {
    const behind = {
      type: 'invalid_request_error',
      code: 'audio_backlog_full',
      message: 'Audio comes faster than it can be heard',
    };
    expect(survives(behind)).toBe(true);
    expect(errorFromFrame(behind, peer).message).toMatch(/cannot keep up: .* too busy\.$/);
  });

  it('ends it otherwise', () => {
    expect(survives({ type: 'server_error', code: 'InternalError' })).toBe(false);
    expect(survives({ code: 'COMMON_ERROR' })).toBe(false);
    expect(survives({ type: 'invalid_request_error', code: 'InvalidApiKey' })).toBe(false);
  });
});
