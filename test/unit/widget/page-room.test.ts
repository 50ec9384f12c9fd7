import {
  CloseCode,
  type InterpretationState,
  type InterpretationView,
  type JoinReply,
  type ParticipantView,
  type ProducerView,
  type RoomView,
  type StatusMessage,
  type TrackSource,
} from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { person } from '../../../bench/support/views.ts';
import { en } from '../../../client-widget/i18n/en.ts';
import { endReason, rejoinDecision } from '../../../client-widget/media/rejoin.ts';
import { roomMessage } from '../../../client-widget/media/room-message.ts';
import {
  notified,
  type RoomState,
  stateAfterJoin,
  stateAfterMove,
  withPreferences,
  withStatus,
} from '../../../client-widget/media/room-state.ts';
import { wantedCaptions, wantedTracks } from '../../../client-widget/media/subscription-selection.ts';
import {
  type InterpreterStatus,
  interpreterStatusOf,
  unavailableReasons,
} from '../../../client-widget/page/interpreter-status.ts';

const producer = (id: string, source: TrackSource, language?: string, speaker?: string): ProducerView => ({
  id,
  kind: source === 'camera' || source === 'screen' ? 'video' : 'audio',
  source,
  paused: false,
  ...(language && { booth: { role: 'channel', language, interpreter: 'i', ...(speaker && { speaker }) } }),
});
const captions = (language: string) => ({
  id: `captions ${language}`,
  label: 'captions',
  booth: { role: 'captions' as const, language, interpreter: 'booth' },
});
const jane = person('jane', { producers: [producer('voice', 'microphone'), producer('face', 'camera')] });
const booth = person('booth', {
  kind: 'interpreter',
  producers: [producer('es', 'channel', 'es'), producer('fr', 'channel', 'fr')],
  dataProducers: [captions('es'), captions('fr'), captions('en')],
});

const stateOf = (others: ParticipantView[], interpretation: Partial<InterpretationView> = {}): RoomState =>
  stateAfterJoin({
    room: {
      name: 'demo',
      interpretation: { onDemand: true, state: 'on', ...interpretation },
      engine: { model: 'm', kind: 'offline', label: '' },
      transcriptHours: 0,
    },
    you: person('me'),
    participants: others,
  } as unknown as JoinReply);

const status = (language: string, speaker: string, state: InterpretationState): StatusMessage => ({
  v: 1,
  type: 'status',
  seq: 1,
  language,
  speaker: { id: speaker, name: speaker },
  state,
  queueMs: 0,
  listeners: 1,
});

describe('what is consumed', () => {
  const ids = (hears: string, others = [jane, booth]) =>
    wantedTracks(others, { hears, reads: [] }, 'me').map(({ producerId }) => producerId);

  it('is everybody’s voice and picture, and the channel of the language that is heard alone', () => {
    expect(ids('original')).toEqual(['voice', 'face']);
    expect(ids('es')).toEqual(['voice', 'face', 'es']);
    expect(ids('de')).toEqual(['voice', 'face']);
  });

  it('is one voice of a language where two interpreters speak it', () => {
    const other = person('other', { kind: 'interpreter', producers: [producer('es 2', 'channel', 'es')] });
    expect(ids('es', [booth, other])).toEqual(['es']);
  });

  it('is not the voice that translates me, where each speaker has one', () => {
    const each = person('each', {
      producers: [producer('of me', 'channel', 'es', 'me'), producer('of jane', 'channel', 'es', 'jane')],
    });
    expect(ids('es', [each])).toEqual(['of jane']);
  });

  it.each([
    ['original', [], []],
    ['es', [], ['captions es']],
    ['original', ['fr'], ['captions fr']],
    ['original', ['original'], ['captions es', 'captions fr', 'captions en']],
  ])('hearing %s and reading %j, the captions %j', (hears, reads, expected) => {
    expect(wantedCaptions([jane, booth], { hears, reads })).toEqual(expected);
  });

  it('is the captions of every language for who shows how every listener fares', () => {
    const all = ['captions es', 'captions fr', 'captions en'];
    expect(wantedCaptions([jane, booth], { hears: 'original', reads: [] }, true)).toEqual(all);
  });
});

describe('what is known of a room', () => {
  it('leaves me out of the others', () => {
    expect([...stateOf([person('me'), jane]).others.keys()]).toEqual(['jane']);
  });

  it('follows who comes, changes, publishes, pauses and goes', () => {
    let state = stateOf([]);
    state = notified(state, 'participant.joined', { participant: person('kim', { producers: [] }) });
    state = notified(state, 'producer.created', { participantId: 'kim', producer: producer('p', 'microphone') });
    state = notified(state, 'producer.paused', { participantId: 'kim', producerId: 'p' });
    expect(state.others.get('kim')?.producers[0]?.paused).toBe(true);
    state = notified(state, 'producer.resumed', { participantId: 'kim', producerId: 'p' });
    expect(state.others.get('kim')?.producers[0]?.paused).toBe(false);
    const preferences = { speaks: 'de', hears: 'es', reads: ['es'], interpret: false, pictures: true };
    state = notified(state, 'participant.updated', { participantId: 'kim', preferences });
    expect(state.others.get('kim')).toMatchObject(preferences);
    state = notified(state, 'producer.closed', { participantId: 'kim', producerId: 'p' });
    expect(state.others.get('kim')?.producers).toEqual([]);
    state = notified(state, 'participant.left', { participantId: 'kim' });
    expect(state.others.size).toBe(0);
  });

  it('is unmoved by news of somebody who has left', () => {
    const state = stateOf([]);
    expect(notified(state, 'producer.paused', { participantId: 'gone', producerId: 'p' })).toBe(state);
  });

  it('forgets how an interpretation is doing when its interpreter leaves, or its speaker', () => {
    const busy = withStatus(
      withStatus(stateOf([jane, booth]), status('es', 'jane', 'speaking')),
      status('fr', 'me', 'waiting'),
    );
    expect(notified(busy, 'participant.left', { participantId: 'booth' }).statuses.size).toBe(0);
    expect([...notified(busy, 'participant.left', { participantId: 'jane' }).statuses.values()]).toMatchObject([
      { language: 'fr' },
    ]);
  });
});

describe('a room that has moved', () => {
  it('is known as it is there, and what happened while I was here is counted on', () => {
    const here = { ...stateOf([jane]), transcriptTurns: 2, deletions: 3 };
    expect(stateAfterMove(stateOf([booth]), here)).toEqual({ ...stateOf([booth]), transcriptTurns: 2, deletions: 3 });
  });
});

describe('a budget', () => {
  it('is told when it comes near, and forgotten when it has room again', () => {
    const budget = { level: 'near', restraint: 'none', message: '80 % are used.' } as const;
    const near = notified(stateOf([]), 'budget.changed', { budget });
    expect(near.budget).toEqual(budget);
    expect(notified(near, 'budget.changed', { budget: null }).budget).toBeUndefined();
  });
});

describe('the language that I seem to speak', () => {
  const asked = notified(stateOf([jane]), 'participant.suggested', { speaks: 'es' });

  it('is known until I have said what I speak, whatever that is', () => {
    expect(asked.suggested).toBe('es');
    for (const speaks of ['es', 'en', null]) expect(withPreferences(asked, { speaks }).suggested).toBeUndefined();
  });

  it('stays what it is when I choose what to hear, and when another says what they speak', () => {
    expect(withPreferences(asked, { hears: 'fr' }).suggested).toBe('es');
    const preferences = { speaks: 'de', hears: 'es', reads: [], interpret: true, pictures: true };
    expect(notified(asked, 'participant.updated', { participantId: 'jane', preferences }).suggested).toBe('es');
  });

  it('changes nothing of what I say I speak', () => {
    expect(asked.you?.speaks).toBe('en');
  });
});

describe('who is too quiet', () => {
  const told = (state: RoomState, participantId: string, isTooQuiet: boolean) =>
    notified(state, 'participant.tooQuiet', { participantId, isTooQuiet });
  const quiet = told(told(stateOf([jane]), 'jane', true), 'me', true);

  it('is known until they are louder', () => {
    expect([...quiet.tooQuiet]).toEqual(['jane', 'me']);
    expect([...told(quiet, 'me', false).tooQuiet]).toEqual(['jane']);
  });

  it('is forgotten when they leave', () => {
    expect([...notified(quiet, 'participant.left', { participantId: 'jane' }).tooQuiet]).toEqual(['me']);
  });
});

describe('being removed by a host', () => {
  it('is not mended: the page stays away', () => {
    expect(rejoinDecision(endReason(CloseCode.removed, ''))).toMatchObject({ action: 'stop', why: 'removed' });
  });
});

describe('a transcript', () => {
  const room = (transcript: RoomView['transcript']) => ({ ...stateOf([]).room, transcript }) as RoomView;
  const reply = (transcript: RoomView['transcript']) =>
    ({ room: room(transcript), you: person('me'), participants: [] }) as unknown as JoinReply;
  const switched = (state: RoomState, transcript: RoomView['transcript']) =>
    notified(state, 'room.updated', { room: room(transcript) });

  it('that is switched counts, and what else changes in the room does not', () => {
    const at = stateAfterJoin(reply('on'));
    expect(at.transcriptTurns).toBe(0);
    expect(switched(at, 'on').transcriptTurns).toBe(0);
    expect(switched(switched(at, 'off'), 'on').transcriptTurns).toBe(2);
  });

  it('counts too where it was switched while the connection was lost', () => {
    expect(stateAfterJoin(reply('off'), stateAfterJoin(reply('on'))).transcriptTurns).toBe(1);
    expect(stateAfterJoin(reply('on'), stateAfterJoin(reply('on'))).transcriptTurns).toBe(0);
  });

  it('that is deleted is known, also after the connection was lost', () => {
    const deleted = notified(stateAfterJoin(reply('on')), 'transcript.deleted', {});
    expect(stateAfterJoin(reply('on'), deleted).deletions).toBe(1);
  });
});

describe('who waits to be let in', () => {
  const ana = { id: 'ana', name: 'Ana', hidden: false };

  it('is known to hosts from the beginning, and as it changes', () => {
    const state = stateAfterJoin({
      ...stateOf([]),
      you: person('me'),
      participants: [],
      waiting: [ana],
    } as unknown as JoinReply);
    expect(state.waiting).toEqual([ana]);
    expect(notified(state, 'waitingRoom.updated', { waiting: [] }).waiting).toEqual([]);
  });
});

describe('the interpreter status', () => {
  const statusOf = (state: RoomState): InterpreterStatus =>
    interpreterStatusOf(state, { hears: 'es', reads: ['es'] }, (code) => code.toUpperCase(), en.interpreterStatus);

  it.each([
    ['off', 'off'],
    ['starting', 'starting'],
    ['failed', 'failed'],
    ['on', 'ready'],
  ] as const)('with the interpreter %s is %s', (interpretation, expected) => {
    expect(statusOf(stateOf([booth], { state: interpretation })).state).toBe(expected);
  });

  it('is reconnecting where an interpreter that was there is not at work', () => {
    const interpretation = { state: 'starting', message: 'The network is cut off.' } as const;
    expect(statusOf(stateOf([booth], interpretation))).toEqual({ state: 'reconnecting', text: 'reconnecting' });
  });

  it('says the place in the queue where all computers that interpret have enough to do', () => {
    const interpretation = { state: 'starting', message: 'All interpreters are busy.', queuePlace: 3 } as const;
    expect(statusOf(stateOf([], interpretation))).toEqual({
      state: 'starting',
      text: 'All interpreters are busy: you are number 3 in the queue',
    });
  });

  it('shows the language that has trouble while another works', () => {
    let state = withStatus(stateOf([jane, booth]), status('es', 'jane', 'speaking'));
    expect(statusOf(state)).toEqual({ state: 'speaking', text: 'ES · speaking' });
    state = withStatus(state, status('es', 'me', 'reconnecting'));
    expect(statusOf(state)).toEqual({ state: 'reconnecting', text: 'ES · reconnecting' });
  });

  it('says that a voice waits for the service, though another language is ready', () => {
    const state = withStatus(
      withStatus(stateOf([booth]), status('es', 'jane', 'listening')),
      status('es', 'me', 'waiting'),
    );
    expect(statusOf(state)).toEqual({ state: 'starting', text: 'ES · waiting for the service' });
  });

  it('works on for those who are understood while somebody is not', () => {
    const states = [status('es', 'me', 'unavailable'), status('es', 'jane', 'translating')];
    expect(statusOf(states.reduce(withStatus, stateOf([jane, booth]))).state).toBe('translating');
    expect(statusOf(withStatus(stateOf([jane, booth]), status('es', 'me', 'unavailable'))).state).toBe('failed');
  });

  it('is about my languages before those of others', () => {
    const state = withStatus(
      withStatus(stateOf([booth]), status('fr', 'jane', 'unavailable')),
      status('es', 'jane', 'listening'),
    );
    expect(statusOf(state)).toEqual({ state: 'ready', text: 'ES · ready' });
  });

  it('says that the connection is lost', () => {
    const lost: RoomState = {
      ...stateOf([]),
      connection: { is: 'rejoining', reason: endReason(1006, ''), delayMs: 1 },
    };
    expect(statusOf(lost).state).toBe('reconnecting');
  });
});

describe('what hinders the interpreter', () => {
  const refused = 'The translation service refused the API key. Check DASHSCOPE_API_KEY.';
  const understood = () => true;
  const unavailable = (language: string, speaker: string) => ({
    ...status(language, speaker, 'unavailable'),
    message: refused,
  });

  it('is told to who hears or reads the language, once for all speakers', () => {
    const state = [unavailable('es', 'jane'), unavailable('es', 'me')].reduce(withStatus, stateOf([booth]));
    expect(unavailableReasons(state, { hears: 'original', reads: ['es', 'original'] }, understood)).toEqual([refused]);
    expect(unavailableReasons(state, { hears: 'fr', reads: ['original'] }, understood)).toEqual([]);
  });

  it('is over when it works again', () => {
    const state = withStatus(
      withStatus(stateOf([booth]), unavailable('es', 'jane')),
      status('es', 'jane', 'listening'),
    );
    expect(unavailableReasons(state, { hears: 'es', reads: [] }, understood)).toEqual([]);
  });

  it('is not told of who has left', () => {
    const state = withStatus(stateOf([booth]), unavailable('es', 'jane'));
    expect(unavailableReasons(state, { hears: 'es', reads: [] }, understood)).toEqual([]);
  });

  it('is not told here of who speaks what is not understood: their tile says so', () => {
    const german = { ...jane, speaks: 'de' };
    const state = withStatus(stateOf([german, booth]), unavailable('es', 'jane'));
    const listener: Parameters<typeof unavailableReasons>[1] = { hears: 'es', reads: [] };
    expect(unavailableReasons(state, listener, (speaks) => speaks !== 'de')).toEqual([]);
    expect(unavailableReasons(state, listener, understood)).toEqual([refused]);
  });
});

describe('a connection that ended', () => {
  it('stays ended where the same person joined elsewhere', () => {
    expect(rejoinDecision(endReason(CloseCode.replaced, '')).action).toBe('stop');
  });

  it('stays ended where the browser has no WebRTC', () => {
    expect(rejoinDecision({ code: 'unsupported', message: '' })).toMatchObject({ action: 'stop', why: 'refused' });
  });

  it('is renewed with another token where the token was refused', () => {
    for (const reason of [endReason(CloseCode.unauthorized, ''), { code: 'expiredToken', message: '' }])
      expect(rejoinDecision(reason)).toMatchObject({ action: 'rejoin', needsNewToken: true });
    expect(rejoinDecision(endReason(1006, ''))).toMatchObject({ action: 'rejoin', needsNewToken: false });
  });

  it.each(['revoked', 'denied', 'waitedTooLong'] as const)('stays ended where one was %s', (code) => {
    expect(rejoinDecision(endReason(CloseCode[code], ''))).toMatchObject({
      action: 'stop',
      why: 'refused',
      reason: { code },
    });
  });

  it('has a name for every way in which the server ends it', () => {
    for (const [name, code] of Object.entries(CloseCode)) expect(endReason(code, 'in its words').code).toBe(name);
    expect(endReason(1006, 'in its words')).toEqual({ code: 'lost', message: 'in its words' });
  });
});

describe('a text on a captions channel', () => {
  const good = {
    v: 1,
    type: 'playout',
    seq: 1,
    language: 'es',
    speaker: { id: 'a', name: 'A' },
    utterance: 'u',
    state: 'started',
    at: 1,
  };

  const spoken = {
    ...good,
    type: 'caption',
    kind: 'original',
    stable: '',
    final: true,
    start: 1,
    contentFiltered: true,
  };

  it('is a room message', () => {
    for (const message of [good, spoken]) expect(roomMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    ['no text', new ArrayBuffer(3)],
    ['not JSON', '{'],
    ['null', 'null'],
    ['an unknown type', JSON.stringify({ ...good, type: 'toString' })],
    ['another version', JSON.stringify({ ...good, v: 2 })],
    ['without a speaker', JSON.stringify({ ...good, speaker: undefined })],
    ['of a wrong shape', JSON.stringify({ ...good, utterance: 7 })],
    ['refused by halves', JSON.stringify({ ...spoken, contentFiltered: 'yes' })],
    ['too long', JSON.stringify({ ...good, utterance: 'x'.repeat(17_000) })],
  ])('is dropped when it is %s', (_, data) => {
    expect(roomMessage(data)).toBeUndefined();
  });
});
