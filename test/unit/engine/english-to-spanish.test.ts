import { describe, expect, it } from 'vitest';
import { clausesOf } from '../../../engine/offline/clauses.ts';
import { EnglishToSpanish, joinClauses } from '../../../engine/offline/english-to-spanish.ts';

describe('English for a rule-based translator', () => {
  const said = (sentence: string): string[] => clausesOf(sentence).map(({ english }) => english);

  it.each([
    ['a statement as it is', 'The leader has left.', ['the leader has left.']],
    ['names and I with their capitals', 'I am in London.', ['I am in London.']],
    ['a question as a statement', 'Can you hear me?', ['you can hear me.']],
    ['a question about the past', 'Did you send the email?', ['you did send the email.']],
    ['a question without its any', 'Do you have any questions?', ['you have questions.']],
    ['a question that begins with its word', 'Where do you live?', ['where do you live.']],
    ['a request as what somebody can do', 'Please try again.', ['you can try again.']],
    ['a request after a statement', 'That is wrong please try again.', ['that is wrong.', 'you can try again.']],
    ['a greeting by itself', 'Hello can you hear me?', ['hello,', 'you can hear me.']],
    ['yes by itself', 'Yes I agree.', ['yes,', 'I am in agreement.']],
    ['no as a determiner where it is', 'No directory entries match.', ['no directory entries match.']],
    ['a lone no, which is no abbreviation', 'No.', ['no,']],
    ['let us', "Let's begin.", ['we will begin.']],
    ['numbers as they are written', 'It costs twenty five dollars.', ['it costs twenty-five dollars.']],
    ['hundreds without and', 'Two hundred and fifty people.', ['two hundred fifty people.']],
    ['an adverb behind what it parts', 'It is now locked and ready.', ['it is locked now and ready.']],
    ['one other', 'There is currently one other person.', ['there is another person currently.']],
    ['machines that work', "It doesn't work.", ["it doesn't function."]],
    ['verbs that could be nouns', 'My sister works here.', ['my sister does work here.']],
    ['what is great', 'That is a great idea.', ['that is an excellent idea.']],
  ])('%s', (_, sentence, clauses) => {
    expect(said(sentence)).toEqual(clauses);
  });

  it('keeps what is asked politely in mind', () => {
    expect(clausesOf('Could you repeat that please?')).toEqual([
      { english: 'you could repeat that.', end: '?', please: true },
    ]);
    expect(clausesOf('To leave a message please hold.').map(({ end, please }) => [end, please])).toEqual([
      [',', false],
      ['?', true],
    ]);
  });
});

describe('Spanish from a rule-based translator', () => {
  const mended = (spanish: string, english = 'it is said.'): string =>
    joinClauses([{ clause: { english, end: '.', please: false }, spanish }]);

  it.each([
    ['Losiento,', 'Lo siento.'],
    ['introduce vuestra contraseña', 'Introduce tu contraseña.'],
    ['vuestros mensajes han sido salvados.', 'Tus mensajes han sido salvados.'],
    ['Aquello no es aquella cosa.', 'Eso no es esa cosa.'],
    ['aquel número y aquellos otros', 'Ese número y esos otros.'],
    ['Cómo eres', 'Cómo estás.'],
    ['Soy muy feliz de ser aquí hoy', 'Estoy muy feliz de estar aquí hoy.'],
    ['es una idea buena', 'Es una idea buena.'],
    ['creo que que esto es así', 'Creo que esto es así.'],
    ['I nació', 'Nació.'],
    ['no obran aquí', 'No trabajan aquí.'],
    ['he sido trabajando aquí', 'He estado trabajando aquí.'],
    ['empieza en nueve en punto', 'Empieza a las nueve en punto.'],
    ['las obras del hospital', 'Las obras del hospital.'],
    ['buenos días Todo el mundo', 'Buenos días todo el mundo.'],
  ])('%s → %s', (spanish, expected) => {
    expect(mended(spanish)).toBe(expected);
  });

  it('keeps the capitals of names', () => {
    expect(mended('Soy en Londres.', 'I am in London.')).toBe('Estoy en Londres.');
    expect(mended('Londres es grande', 'London is large.')).toBe('Londres es grande.');
  });

  it('opens a question as it closes it, in the middle of a sentence too', () => {
    expect(
      joinClauses([
        { clause: { english: 'hello,', end: ',', please: false }, spanish: 'Hola,' },
        { clause: { english: 'you can hear me.', end: '?', please: false }, spanish: 'Me puedes oír.' },
      ]),
    ).toBe('Hola, ¿me puedes oír?');
  });

  it('says please where it was said', () => {
    const clause = { english: 'you can try again.', end: '?' as const, please: true };
    expect(joinClauses([{ clause, spanish: 'Puedes probar otra vez.' }])).toBe('¿Puedes probar otra vez, por favor?');
  });
});

it('translates each clause, in order', async () => {
  const asked: string[] = [];
  const translator = new EnglishToSpanish({
    translate: async (english) => {
      asked.push(english);
      return english.toUpperCase();
    },
    close() {},
  });
  expect(await translator.translate('Hello are you ready?')).toBe('Hello, ¿you are ready?');
  expect(asked).toEqual(['hello,', 'you are ready.']);
});
