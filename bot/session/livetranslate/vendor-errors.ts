/**
 * Classifies failures of the service, and says what a person can do about them. The service reports failures in four places (the answer
 * to the upgrade, `error` frames, close codes, close reasons) and spells the same failure in several ways. So the class is derived
 * from all texts together, reduced to letters and digits, and never from a close code.
 */
import { z } from 'zod';
import { type ErrorClass, TranslationError } from '../translation-session.ts';
import { type Ending, environmentNames, type ServiceEndpoint, type SettingNames } from './socket.ts';

/** The content of an `error` frame. */
export interface VendorError {
  type?: string | null | undefined;
  code?: string | null | undefined;
  message?: string | null | undefined;
  param?: string | null | undefined;
}

interface Rule {
  class: ErrorClass;
  matches: RegExp;
  /** Continues "The translation service at HOST …". */
  failure: string;
  /** May name settings: `{key}`, `{model}`, `{url}`. */
  remedy: string;
}

/** The first rule that matches applies, so specific rules stand before general ones. */
const rules: readonly Rule[] = [
  {
    class: 'account',
    matches: /freetieronly/,
    failure: 'reports that the free quota of the account is used up',
    remedy: 'Allow paid use in the console of Model Studio.',
  },
  {
    class: 'account',
    matches: /arrearage|billoverdue/,
    failure: 'reports an unpaid bill',
    remedy: 'Settle it in the console of Model Studio.',
  },
  {
    class: 'account',
    matches: /invalidapikey|incorrectapikey|http401/,
    failure: 'refused the API key',
    remedy: 'Check {key}, and that the key belongs to the region of this host.',
  },
  {
    class: 'account',
    matches: /modelnotfound|modelnotexist|http404/,
    failure: 'does not know the model or the address',
    remedy: 'Check {model} and {url}.',
  },
  {
    class: 'account',
    matches: /accessdenied|unpurchased|http403/,
    failure: 'does not let this account use the model',
    remedy: 'Activate the model for the workspace of the key in the console of Model Studio.',
  },
  {
    class: 'throttle',
    matches: /throttling|ratelimit|ratequota|limitrequests|burstrate|allocationquota|insufficientquota|http429/,
    failure: 'asks for fewer requests',
    remedy: 'It allows a few connections a minute for each account: wait a minute.',
  },
  {
    class: 'content',
    matches: /datainspectionfailed/,
    failure: 'refused what was said',
    remedy: 'Its content rules reject it; what comes next may pass.',
  },
  {
    class: 'transient',
    matches:
      /commonerror|modelrepeatoutput|unexpectedasrerror|systemerror|modelservingerror|modelunavailable|requesttimeout/,
    failure: 'failed',
    remedy: 'Try again in a moment.',
  },
  {
    class: 'config',
    matches: /audiobacklogfull/,
    failure: 'cannot keep up',
    remedy: 'The computer that it runs on is too busy.',
  },
  {
    class: 'config',
    matches:
      /invalidvalue|invalidparameter|invalidtranslationparameter|voice.*notsupported|invalidrequesterror|http400/,
    failure: 'refused these settings',
    remedy: 'Choose other languages, another voice or another model.',
  },
  {
    class: 'config',
    matches: /http([23]\d\d|4(?!08|25)\d\d)/,
    failure: 'does not answer as a LiveTranslate service',
    remedy: 'Check {url}.',
  },
  {
    class: 'transient',
    matches: /^/,
    failure: 'failed',
    remedy: 'Try again in a moment.',
  },
];

const lettersAndDigits = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

const ruleFor = (...texts: (string | null | undefined)[]): Rule => {
  const evidence = texts.map((text) => lettersAndDigits(text ?? '')).join('|');
  return rules.find(({ matches }) => matches.test(evidence)) ?? transient('failed');
};

const transient = (failure: string, remedy = 'Try again in a moment.'): Rule => ({
  class: 'transient',
  matches: /^/,
  failure,
  remedy,
});

const MAX_DETAIL_CHARACTERS = 400;
/** A shorter beginning of a key reveals nothing: all keys begin alike. */
const MIN_SECRET_CHARACTERS = 6;

/** A text of the service, made fit for a log and a terminal: short, printable, without the key. */
export function presentable(text: string, { key }: ServiceEndpoint): string {
  return withoutKey(text, key)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_DETAIL_CHARACTERS);
}

/** Also removes the beginning of the key, in case the service cuts its text off in the middle of it. */
function withoutKey(text: string, key = ''): string {
  const shown = key ? text.replaceAll(key, '[key]') : text;
  for (let length = key.length - 1; length >= MIN_SECRET_CHARACTERS; length--) {
    if (shown.endsWith(key.slice(0, length))) return `${shown.slice(0, -length)}[key]`;
  }
  return shown;
}

function problem(rule: Rule, code: string, detail: string, endpoint: ServiceEndpoint): TranslationError {
  const shown = presentable(detail, endpoint).replace(/[.\s]+$/, '');
  const name = endpoint.name ?? `The translation service at ${endpoint.host}`;
  const sentence = `${name} ${rule.failure}${shown ? `: ${shown}` : ''}.`;
  return new TranslationError(
    rule.class,
    presentable(code, endpoint),
    `${sentence} ${withSettings(rule.remedy, endpoint)}`,
    sentence,
  );
}

const withSettings = (remedy: string, { settingNames = environmentNames }: ServiceEndpoint): string =>
  remedy.replace(/\{(key|model|url)\}/g, (_, name: keyof SettingNames) => settingNames[name]);

export function errorFromFrame(
  { type, code, message, param }: VendorError,
  endpoint: ServiceEndpoint,
): TranslationError {
  const detail = [message ?? code ?? type ?? '', param ? `(${param})` : ''].join(' ');
  return problem(ruleFor(type, code, message), code ?? type ?? 'error', detail, endpoint);
}

/** Whether a running session goes on after an `error` frame: one request, or one piece of speech, was refused. */
export function leavesSessionAlive({ type }: VendorError, error: TranslationError): boolean {
  return (
    error.class === 'content' || (error.class === 'config' && lettersAndDigits(type ?? '') === 'invalidrequesterror')
  );
}

/**
 * An error that a session survived, as the reason for which it ended after all. Settings with which the session ran cannot have been what
 * ended it: with those, another session may run.
 */
export const survivable = (error: TranslationError): TranslationError =>
  error.class === 'config' ? new TranslationError('transient', error.code, error.message, error.summary) : error;

export function errorFromEnding(ending: Ending, endpoint: ServiceEndpoint): TranslationError {
  switch (ending.type) {
    case 'closed':
      return fromClose(ending.code, ending.reason, endpoint);
    case 'refused':
      return fromAnswer(ending.status, ending.body, endpoint);
    case 'unreachable':
      return fromNetwork(ending.code, ending.message, endpoint);
  }
}

function fromClose(code: number, reason: string, endpoint: ServiceEndpoint): TranslationError {
  const rule = ruleFor(reason);
  return problem(
    rule.class === 'transient' ? transient('closed the connection') : rule,
    `close_${code}`,
    reason || `code ${code}`,
    endpoint,
  );
}

function fromAnswer(status: number, body: string, endpoint: ServiceEndpoint): TranslationError {
  const { code, message } = answerIn(body);
  const detail = [`HTTP ${status}`, code, message].filter(Boolean).join(', ');
  return problem(ruleFor(code, message, `http ${status}`), code ?? `http_${status}`, detail, endpoint);
}

/** The service answers in JSON; the page that a proxy or a web server answers with explains nothing. */
function answerIn(body: string): VendorError {
  try {
    return AnswerBody.parse(JSON.parse(body));
  } catch {
    return {};
  }
}

const AnswerBody = z.object({ code: z.string().optional(), message: z.string().optional() });

const networkRules: Readonly<Record<string, Pick<Rule, 'failure' | 'remedy'>>> = {
  ECONNREFUSED: {
    failure: 'cannot be reached: nothing answers there',
    remedy: 'Check that it runs, and {url}.',
  },
  ENOTFOUND: {
    failure: 'cannot be reached: there is no such host',
    remedy: 'Check the network and {url}.',
  },
  EAI_AGAIN: { failure: 'cannot be reached: its name cannot be looked up', remedy: 'Check the network.' },
};

function fromNetwork(code: string, message: string, endpoint: ServiceEndpoint): TranslationError {
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return problem(
      {
        class: 'config',
        matches: /^/,
        failure: 'shows a certificate that cannot be trusted',
        remedy: 'Check {url}, and NODE_EXTRA_CA_CERTS if your network has its own authority.',
      },
      code,
      message,
      endpoint,
    );
  }
  const known = networkRules[code];
  return known
    ? problem(transient(known.failure, known.remedy), code, '', endpoint)
    : problem(transient('cannot be reached', 'Check the network.'), code, message || code, endpoint);
}

export const timedOut = (failure: string, endpoint: ServiceEndpoint): TranslationError =>
  problem(transient(failure, 'Check the network, and try again in a moment.'), 'timeout', '', endpoint);

/** The service ended the session without being asked to. */
export const endedByService = (endpoint: ServiceEndpoint): TranslationError =>
  problem(transient('ended the session'), 'session_finished', '', endpoint);
