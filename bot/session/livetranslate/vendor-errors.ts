/**
 * What a failure of the service means and what a person can do about it. The service speaks on four channels (the answer to
 * the upgrade, `error` frames, close codes, close reasons) and spells the same thing in several ways, so the class comes
 * from every text there is, reduced to its letters and digits, and from a close code never.
 */
import { z } from 'zod';
import { type ErrorClass, TranslationError } from '../translation-session.ts';
import type { Ending, ServiceEndpoint } from './wire.ts';

/** An `error` frame's content. */
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
  what: string;
  remedy: string;
}

/** The first that matches counts: the exact ones stand before those that contain them. */
const rules: readonly Rule[] = [
  {
    class: 'account',
    matches: /freetieronly/,
    what: 'reports that the free quota of the account is used up',
    remedy: 'Allow paid use in the console of Model Studio.',
  },
  {
    class: 'account',
    matches: /arrearage|billoverdue/,
    what: 'reports an unpaid bill',
    remedy: 'Settle it in the console of Model Studio.',
  },
  {
    class: 'account',
    matches: /invalidapikey|incorrectapikey|http401/,
    what: 'refused the API key',
    remedy: 'Check DASHSCOPE_API_KEY, and that the key belongs to the region of this host.',
  },
  {
    class: 'account',
    matches: /modelnotfound|modelnotexist|http404/,
    what: 'does not know the model or the address',
    remedy: 'Check BOOTH_LIVETRANSLATE_MODEL and BOOTH_LIVETRANSLATE_URL.',
  },
  {
    class: 'account',
    matches: /accessdenied|unpurchased|http403/,
    what: 'does not let this account use the model',
    remedy: 'Activate the model for the workspace of the key in the console of Model Studio.',
  },
  {
    class: 'throttle',
    matches: /throttling|ratelimit|ratequota|limitrequests|burstrate|allocationquota|insufficientquota|http429/,
    what: 'asks for fewer requests',
    remedy: 'It allows a few connections a minute for each account: wait a minute.',
  },
  {
    class: 'content',
    matches: /datainspectionfailed/,
    what: 'refused what was said',
    remedy: 'Its content rules reject it; what comes next may pass.',
  },
  {
    class: 'transient',
    matches:
      /commonerror|modelrepeatoutput|unexpectedasrerror|systemerror|modelservingerror|modelunavailable|requesttimeout/,
    what: 'failed',
    remedy: 'Try again in a moment.',
  },
  {
    class: 'config',
    matches: /audiobacklogfull/,
    what: 'cannot keep up',
    remedy: 'The computer that it runs on is too busy.',
  },
  {
    class: 'config',
    matches:
      /invalidvalue|invalidparameter|invalidtranslationparameter|voice.*notsupported|invalidrequesterror|http400/,
    what: 'refused these settings',
    remedy: 'Choose other languages, another voice or another model.',
  },
  {
    class: 'config',
    matches: /http([23]\d\d|4(?!08|25)\d\d)/,
    what: 'does not answer as a LiveTranslate service',
    remedy: 'Check BOOTH_LIVETRANSLATE_URL.',
  },
  {
    class: 'transient',
    matches: /^/,
    what: 'failed',
    remedy: 'Try again in a moment.',
  },
];

const lettersAndDigits = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

const ruleFor = (...texts: (string | null | undefined)[]): Rule => {
  const evidence = texts.map((text) => lettersAndDigits(text ?? '')).join('|');
  return rules.find(({ matches }) => matches.test(evidence)) ?? transient('failed');
};

const transient = (what: string, remedy = 'Try again in a moment.'): Rule => ({
  class: 'transient',
  matches: /^/,
  what,
  remedy,
});

const MAX_DETAIL_CHARACTERS = 400;
/** What every key begins with tells nothing. */
const MIN_TELLING_CHARACTERS = 6;

/** What the service said of itself, fit for a log and a terminal: short, printable, without the key. */
export function presentable(text: string, { key }: ServiceEndpoint): string {
  return withoutKey(text, key)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_DETAIL_CHARACTERS);
}

/** Not even the beginning of it, where the service cuts its text off in the middle of the key. */
function withoutKey(text: string, key = ''): string {
  const shown = key ? text.replaceAll(key, '[key]') : text;
  for (let length = key.length - 1; length >= MIN_TELLING_CHARACTERS; length--) {
    if (shown.endsWith(key.slice(0, length))) return `${shown.slice(0, -length)}[key]`;
  }
  return shown;
}

function problem(rule: Rule, code: string, detail: string, peer: ServiceEndpoint): TranslationError {
  const said = presentable(detail, peer).replace(/[.\s]+$/, '');
  const sentence = `The translation service at ${peer.host} ${rule.what}${said ? `: ${said}` : ''}.`;
  return new TranslationError(rule.class, presentable(code, peer), `${sentence} ${rule.remedy}`, sentence);
}

export function errorFromFrame({ type, code, message, param }: VendorError, peer: ServiceEndpoint): TranslationError {
  const detail = [message ?? code ?? type ?? '', param ? `(${param})` : ''].join(' ');
  return problem(ruleFor(type, code, message), code ?? type ?? 'error', detail, peer);
}

/** An `error` frame that leaves a running session alive: one request was refused, or one piece of speech. */
export function leavesSessionAlive({ type }: VendorError, error: TranslationError): boolean {
  return (
    error.class === 'content' || (error.class === 'config' && lettersAndDigits(type ?? '') === 'invalidrequesterror')
  );
}

export function errorFromEnding(ending: Ending, peer: ServiceEndpoint): TranslationError {
  switch (ending.how) {
    case 'closed':
      return fromClose(ending.code, ending.reason, peer);
    case 'refused':
      return fromAnswer(ending.status, ending.body, peer);
    case 'unreachable':
      return fromNetwork(ending.code, ending.message, peer);
  }
}

function fromClose(code: number, reason: string, peer: ServiceEndpoint): TranslationError {
  const rule = ruleFor(reason);
  return problem(
    rule.class === 'transient' ? transient('closed the connection') : rule,
    `close_${code}`,
    reason || `code ${code}`,
    peer,
  );
}

function fromAnswer(status: number, body: string, peer: ServiceEndpoint): TranslationError {
  const { code, message } = answerIn(body);
  const detail = [`HTTP ${status}`, code, message].filter(Boolean).join(', ');
  return problem(ruleFor(code, message, `http ${status}`), code ?? `http_${status}`, detail, peer);
}

/** The service answers in JSON; what a proxy or a web server says (a page) explains nothing. */
function answerIn(body: string): VendorError {
  try {
    return Answer.parse(JSON.parse(body));
  } catch {
    return {};
  }
}

const Answer = z.object({ code: z.string().optional(), message: z.string().optional() });

const networkRules: Readonly<Record<string, Pick<Rule, 'what' | 'remedy'>>> = {
  ECONNREFUSED: {
    what: 'cannot be reached: nothing answers there',
    remedy: 'Check that it runs, and BOOTH_LIVETRANSLATE_URL.',
  },
  ENOTFOUND: {
    what: 'cannot be reached: there is no such host',
    remedy: 'Check the network and BOOTH_LIVETRANSLATE_URL.',
  },
  EAI_AGAIN: { what: 'cannot be reached: its name cannot be looked up', remedy: 'Check the network.' },
};

function fromNetwork(code: string, message: string, peer: ServiceEndpoint): TranslationError {
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return problem(
      {
        class: 'config',
        matches: /^/,
        what: 'shows a certificate that cannot be trusted',
        remedy: 'Check BOOTH_LIVETRANSLATE_URL, and NODE_EXTRA_CA_CERTS if your network has its own authority.',
      },
      code,
      message,
      peer,
    );
  }
  const known = networkRules[code];
  return known
    ? problem(transient(known.what, known.remedy), code, '', peer)
    : problem(transient('cannot be reached', 'Check the network.'), code, message || code, peer);
}

export const timedOut = (what: string, peer: ServiceEndpoint): TranslationError =>
  problem(transient(what, 'Check the network, and try again in a moment.'), 'timeout', '', peer);

/** The service ended the session and nobody had asked it to. */
export const endedByService = (peer: ServiceEndpoint): TranslationError =>
  problem(transient('ended the session'), 'session_finished', '', peer);
