import { describe, expect, it } from 'vitest';
import { SpokenLanguageDetector } from '../../../../bot/demand/spoken-language-detector.ts';
import { offline, qwen3, qwen35 } from '../../../../config/models.ts';

interface Said {
  text: string;
  /** As the service names it. */
  in?: string;
  declared?: string;
  session?: string;
}

const english: Said = { text: 'Good morning, everybody.', in: 'en' };
const spanish: Said = { text: 'Buenos días a todos.', in: 'es' };
const french: Said = { text: 'Bonjour à toutes et à tous.', in: 'fr' };

/** What is said of each of these utterances. */
function heard(utterances: readonly Said[], { sources } = qwen35): (string | undefined)[] {
  const spoken = new SpokenLanguageDetector(sources);
  return utterances.map(({ text, in: language, declared = 'en', session = 'fr' }) =>
    spoken.push(session, { declared, language, text }),
  );
}
const lastOf = (...utterances: Said[]) => heard(utterances).at(-1);
const nothing = undefined;

describe('a language that the service names', () => {
  it.each([
    ['is told at the second utterance', [spanish, spanish], [nothing, 'es']],
    ['is told once', [spanish, spanish, spanish, spanish, spanish], [nothing, 'es', nothing, nothing, nothing]],
    [
      'is reported once, although the speaker alternates',
      [spanish, spanish, english, spanish, spanish],
      [nothing, 'es', nothing, nothing, nothing],
    ],
    ['is not told where it is the declared one', [english, english, english], [nothing, nothing, nothing]],
    [
      'has to be the same twice in a row',
      [spanish, english, spanish, french, spanish],
      [nothing, nothing, nothing, nothing, nothing],
    ],
    ['is followed by another', [spanish, spanish, french, french], [nothing, 'es', nothing, 'fr']],
  ])('%s', (_, utterances, told) => {
    expect(heard(utterances)).toEqual(told);
  });

  it('is reported after 20 letters, however many utterances they take', () => {
    const short = { text: 'Muchas gracias.', in: 'es' };
    expect(lastOf({ ...short, text: 'Gracias.' }, { ...short, text: 'Gracias.' })).toBeUndefined();
    expect(lastOf({ ...short, text: 'Gracias.' }, { ...short, text: 'Gracias.' }, short)).toBe('es');
  });

  it.each(['', 'Sí.', 'Ok, va.', '12.000 €', '…'])('is neither confirmed nor contradicted by "%s"', (text) => {
    expect(heard([spanish, { text, in: 'en' }, spanish])).toEqual([nothing, nothing, 'es']);
    expect(heard(new Array(30).fill({ text, in: 'es' })).every((told) => told === undefined)).toBe(true);
  });

  it('has to be one that the model understands', () => {
    const klingon = { ...spanish, in: 'tlh' };
    expect(lastOf(klingon, klingon)).toBeUndefined();
    expect(heard([spanish, spanish], offline)).toEqual([nothing, nothing]);
  });

  it.each(['zh-CN', 'ZH', 'zh'])('may be called %s', (code) => {
    const chinese = { text: '大家早上好，欢迎参加会议。', in: code };
    expect(lastOf(chinese, chinese)).toBe('zh');
  });

  it('is the declared one, though that has a region', () => {
    const portuguese = { text: 'Bom dia a todos vocês.', in: 'pt', declared: 'pt-BR' };
    expect(lastOf(portuguese, portuguese)).toBeUndefined();
  });

  it.each([undefined, 'auto', 'Spanish'])('is none where it is %s', (name) => {
    const unnamed = { text: spanish.text, ...(name && { in: name }) };
    expect(lastOf(unnamed, unnamed)).toBeUndefined();
  });
});

describe('a speaker who declares another language', () => {
  it('starts over: earlier evidence does not count', () => {
    expect(heard([spanish, { ...spanish, declared: 'fr' }])).toEqual([nothing, nothing]);
  });

  it('may be suggested the same language again', () => {
    const later = { ...english, declared: 'es' };
    const told = heard([spanish, spanish, later, later, spanish, spanish]);
    expect(told).toEqual([nothing, 'es', nothing, 'en', nothing, 'es']);
  });
});

describe('a speaker with several sessions', () => {
  it('is suggested a language once, although all sessions recognize it', () => {
    const other = { ...spanish, session: 'de' };
    expect(heard([spanish, other])).toEqual([nothing, nothing]);
    expect(heard([spanish, other, spanish, other])).toEqual([nothing, nothing, 'es', nothing]);
  });
});

describe('a text of which the service names no language', () => {
  const twice = (text: string, declared: string, model = qwen3, language?: string) =>
    heard(
      [1, 2].map(() => ({ text, declared, ...(language && { in: language }) })),
      model,
    ).at(-1);

  it.each([
    ['大家早上好，欢迎参加今天的会议。', 'en', 'zh'],
    ['みなさん、おはようございます。会議を始めます。', 'en', 'ja'],
    ['모두 안녕하세요, 회의를 시작하겠습니다.', 'en', 'ko'],
    ['Доброе утро, коллеги, давайте начнём.', 'en', 'ru'],
    ['صباح الخير جميعًا، لنبدأ الاجتماع.', 'es', 'ar'],
    ['Καλημέρα σε όλους, ας αρχίσουμε.', 'en', 'el'],
    ['सुप्रभात, चलिए बैठक शुरू करते हैं।', 'en', 'hi'],
    ['สวัสดีตอนเช้าทุกคน เริ่มประชุมกันเลย', 'en', 'th'],
    ['大家早上好，欢迎参加今天的会议。', 'ko', 'zh'],
    ['今日はOKです。会議を始めましょう。', 'en', 'ja'],
    ['Booth 是一个同声传译系统，欢迎大家参加今天的会议。', 'en', 'zh'],
  ])('is in the only language with its script: %s', (text, declared, language) => {
    expect(twice(text, declared)).toBe(language);
  });

  it('is that even where the service repeats the language that it was told', () => {
    expect(twice('Доброе утро, коллеги, давайте начнём.', 'en', qwen3, 'en')).toBe('ru');
  });

  it.each([
    ['of several languages of the model', 'Buenos días a todos, empecemos.', 'en', qwen3],
    ['of several languages of a model that knows more', 'Доброе утро, коллеги, давайте начнём.', 'en', qwen35],
    ['of which one is the declared language', 'Доброе утро, коллеги, давайте начнём.', 'uk', qwen35],
    ['in which Cantonese is written too', '大家早晨，歡迎參加今日嘅會議。', 'yue', qwen3],
    ['in which Japanese is written too', '東京都千代田区永田町一丁目', 'ja', qwen3],
    ['of no language of the model', 'გამარჯობა ყველას, დავიწყოთ.', 'en', qwen3],
    ['mixed with that of the declared language', 'OK so 会议 means meeting 您好 means hello', 'en', qwen3],
  ])('says nothing in a script %s', (_, text, declared, model) => {
    expect(twice(text, declared, model)).toBeUndefined();
  });
});
