/** What the people in a room, as their host describes them, lack to be interpreted. Pure. */
import type { Person } from './people.ts';
import type { RoomProblem } from './room-state.ts';
import type { ServedLanguages } from './served-languages.ts';

export interface PersonInRoom extends Person {
  /** The codecs of their open microphones, as `audio/opus`. */
  readonly microphones: readonly string[];
  /** None of their microphones is on. */
  readonly isMuted: boolean;
  /** Whether the host has told who they are, and not only what they produce. */
  readonly isDescribed: boolean;
}

const OPUS = /^audio\/opus$/i;

/** What a host can hand over, and to whom. */
export interface DeliveryMeans {
  hasOffer: boolean;
  /** By `offer`, by `send`, or by the event `message`. */
  hasMessages: boolean;
}

export function problemsOf(
  people: readonly PersonInRoom[],
  served: ServedLanguages,
  means: DeliveryMeans,
): RoomProblem[] {
  const isWanted = people.some(({ hears, reads }) => hears !== 'original' || reads.length > 0);
  const all = people.filter(({ interpret }) => interpret);
  return [
    ...deliveryProblems(people, means),
    ...people.flatMap(notDescribed),
    ...codecProblems(all),
    ...(isWanted ? speechProblems(all, people, served) : []),
  ];
}

function notDescribed({ id, isDescribed }: PersonInRoom): RoomProblem[] {
  if (isDescribed) return [];
  const message = `A microphone, screen or camera was given of "${id}", and there is no person of this id: call person("${id}", { speaks: "en" }), or give it with the id that person() got.`;
  return [{ code: 'notDescribed', person: id, message }];
}

function deliveryProblems(people: readonly PersonInRoom[], { hasOffer, hasMessages }: DeliveryMeans): RoomProblem[] {
  const isHeard = people.some(({ hears }) => hears !== 'original');
  const isRead = people.some(({ reads }) => reads.length > 0);
  const lacking = [
    ...(isHeard && !hasOffer ? ['pass the method offer, for voices: interpret(router, { offer })'] : []),
    ...(isRead && !hasMessages
      ? ['pass the method send, for captions: interpret(router, { send }), or listen to the event "message"']
      : []),
  ];
  if (lacking.length === 0) return [];
  const message = `Somebody wants to hear or read a translation, and nothing can be handed to them: ${lacking.join('; and ')}.`;
  return [{ code: 'noDelivery', message }];
}

function codecProblems(people: readonly PersonInRoom[]): RoomProblem[] {
  return people.flatMap(({ id, name, microphones }) => {
    const other = microphones.find((mimeType) => !OPUS.test(mimeType));
    if (other === undefined) return [];
    const message = `The microphone of ${name} sends ${other}, and the interpreter hears Opus alone: let the client produce with audio/opus, which every browser has.`;
    return [{ code: 'notOpus', person: id, message }];
  });
}

/** @param people whom the host has interpreted @param everybody those too who are only there */
function speechProblems(
  people: readonly PersonInRoom[],
  everybody: readonly PersonInRoom[],
  served: ServedLanguages,
): RoomProblem[] {
  const speakers = people.filter(({ speaks }) => typeof speaks === 'string');
  if (speakers.length === 0)
    return [
      {
        code: 'nobodySpeaks',
        message:
          'Somebody wants to hear or read a translation, but nobody has said which language they speak: call person(id, { speaks: "en" }).',
      },
    ];
  const heard = speakers.filter(({ microphones }) => microphones.some((mimeType) => OPUS.test(mimeType)));
  if (heard.length === 0 && people.every(({ microphones }) => microphones.length === 0))
    return [
      {
        code: 'noMicrophone',
        message:
          'Somebody wants to hear or read a translation, but there is no microphone to interpret: call microphone(id, producer) when somebody who speaks has produced one.',
      },
    ];
  const wanted = heard.filter(
    (speaker) => !speaker.isMuted && everybody.some((other) => wantsTranslation(other, speaker)),
  );
  return [...wanted.flatMap((person) => notUnderstood(person, served)), ...people.flatMap(speaksUnknown)];
}

/** Whether somebody hears or reads what another one says in another language than it is said in. */
const wantsTranslation = ({ id, hears, reads }: PersonInRoom, speaker: PersonInRoom): boolean =>
  id !== speaker.id && [hears, ...reads].some((language) => language !== 'original' && language !== speaker.speaks);

function notUnderstood({ id, name, speaks }: PersonInRoom, { sources }: ServedLanguages): RoomProblem[] {
  if (!speaks || sources.includes(speaks)) return [];
  const known = [...sources].sort().join(', ');
  const message = `${name} speaks "${speaks}", which the engine does not understand: it understands ${known}.`;
  return [{ code: 'notUnderstood', person: id, language: speaks, message }];
}

function speaksUnknown({ id, name, speaks, microphones, isDescribed }: PersonInRoom): RoomProblem[] {
  if (!isDescribed || speaks !== undefined || microphones.length === 0) return [];
  const message = `${name} has a microphone, but their language is not known: call person(id, { speaks: "en" }), or { speaks: null } for who does not speak.`;
  return [{ code: 'speaksUnknown', person: id, message }];
}
