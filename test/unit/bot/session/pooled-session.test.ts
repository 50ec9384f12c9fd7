import { beforeEach, describe, expect, it } from 'vitest';
import { type LeaseHolder, MAX_SESSION_AGE, PooledSession } from '../../../../bot/session/pooled-session.ts';
import { type SessionOptions, TranslationError } from '../../../../bot/session/translation-session.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { type ScriptedSession, ScriptedSessions } from '../../../support/scripted-session.ts';

const sessionOptions: SessionOptions = { source: 'en', target: 'es', audio: true };
const second = new Int16Array(16_000);
const MINUTE = 60_000;

class Listener implements LeaseHolder {
  readonly heard: string[] = [];
  readonly times: [number | undefined, number | undefined][] = [];
  source: LeaseHolder['source'] = ({ segment, confirmed, startMs, endMs }) => {
    this.heard.push(`${segment}: ${confirmed}`);
    this.times.push([startMs, endMs]);
  };
  translation: LeaseHolder['translation'] = ({ segment, confirmed }) => this.heard.push(`${segment}: ${confirmed}`);
  audio: LeaseHolder['audio'] = (segment) => this.heard.push(`${segment} sounds`);
  audioEnd: LeaseHolder['audioEnd'] = (segment) => this.heard.push(`${segment} has sounded`);
  contentFiltered: LeaseHolder['contentFiltered'] = ({ code }) => this.heard.push(code);
  usage: LeaseHolder['usage'] = ({ total }) => this.heard.push(`${total} tokens`);
  lost: LeaseHolder['lost'] = (error) => this.heard.push(`lost ${error?.code}`);
}

describe('PooledSession', () => {
  let clock: FakeClock;
  let scripted: ScriptedSession;
  let session: PooledSession;
  let told: string[];
  let ann: Listener;
  let bob: Listener;
  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    const sessions = new ScriptedSessions();
    session = new PooledSession({
      sessionOptions,
      maxSessionAge: MAX_SESSION_AGE,
      model: { rates: { audioInPerSecond: 10, audioOutPerSecond: 10, imagePatchPixels: 28 } },
      openSession: sessions.open,
      clock,
      onReady: () => told.push('ready'),
      onUsage: ({ total }) => told.push(`${total} tokens`),
      onEnded: (error, worked) => told.push(`ended ${error?.code} ${worked}`),
    });
    scripted = sessions.last;
    ann = new Listener();
    bob = new Listener();
  });

  it('bills late usage to the last lease holder', () => {
    scripted.readies();
    session.lease(ann);
    session.release();
    scripted.events.usage({ total: 1 });
    session.lease(bob);
    scripted.events.usage({ total: 20 });
    session.close();
    scripted.events.usage({ total: 300 });
    expect(ann.heard).toEqual(['1 tokens']);
    expect(bob.heard).toEqual(['20 tokens', '300 tokens']);
  });

  it('is idle once the service is ready, and leased to one at a time', () => {
    expect(session.state).toBe('opening');
    clock.advance(300);
    scripted.readies();
    expect([session.state, session.sinceMs, told]).toEqual(['idle', 300, ['ready']]);
    clock.advance(100);
    session.lease(ann);
    expect([session.state, session.sinceMs]).toEqual(['leased', 400]);
    clock.advance(100);
    session.release();
    expect([session.state, session.sinceMs]).toEqual(['idle', 500]);
  });

  describe('what the service sends', () => {
    beforeEach(() => {
      scripted.readies();
      session.lease(ann);
    });
    const changesHands = () => {
      session.release();
      session.lease(bob);
    };

    it('goes to the lease holder', () => {
      scripted.hears('s1', 'one');
      scripted.says('t1', 'uno');
      scripted.events.audio('t1', second);
      scripted.events.audioEnd('t1');
      scripted.refuses(new TranslationError('content', 'inspected', 'no'));
      expect(ann.heard).toEqual(['s1: one', 't1: uno', 't1 sounds', 't1 has sounded', 'inspected']);
    });

    it('goes to the lease holder from the first moment of the lease', () => {
      scripted.hears('s1', 'one', '', true, { startMs: 0, endMs: 0 });
      expect(ann.heard).toEqual(['s1: one']);
    });

    it('is dropped if it belongs to an earlier lease', () => {
      scripted.hears('s1', 'one');
      scripted.says('t1', 'uno');
      changesHands();
      scripted.hears('s1', 'one more', '', true);
      scripted.says('t1', 'uno más', true, 's1');
      scripted.events.audio('t1', second);
      scripted.events.audioEnd('t1');
      expect(bob.heard).toEqual([]);
    });

    it('is dropped for good if its segment started without a lease', () => {
      session.release();
      scripted.hears('s1', 'one');
      scripted.events.audio('t0', second);
      session.lease(bob);
      scripted.hears('s1', 'one more', '', true);
      scripted.events.audio('t0', second);
      expect([...ann.heard, ...bob.heard]).toEqual([]);
    });

    it('is dropped if it translates a segment of an earlier lease', () => {
      scripted.hears('s1', 'one', '', true);
      changesHands();
      scripted.says('t1', 'uno', false, 's1');
      scripted.events.audio('t1', second);
      scripted.says('t1', 'uno', true);
      expect(bob.heard).toEqual([]);
    });

    it('is dropped if its audio was sent before the lease', () => {
      session.send(second);
      changesHands();
      scripted.hears('s1', 'one', '', true, { startMs: 0, endMs: 1000 });
      scripted.says('t1', 'uno', true, 's1');
      expect(bob.heard).toEqual([]);
    });

    it('has times relative to the start of the lease', () => {
      session.send(second);
      changesHands();
      session.send(second);
      scripted.hears('s2', 'two', '', true, { startMs: 1200, endMs: 1900 });
      scripted.hears('s3', 'three', '', true, { startMs: 900, endMs: 2000 });
      expect(bob.times).toEqual([
        [200, 900],
        [0, 1000],
      ]);
    });

    it('still goes to the lease holder after hundreds of dropped segments', () => {
      for (let i = 0; i < 600; i++) scripted.hears(`s${i}`, 'one');
      changesHands();
      scripted.hears('s599', 'late');
      scripted.hears('s100', 'late');
      expect(bob.heard).toEqual([]);
      scripted.hears('s600', 'mine');
      expect(bob.heard).toEqual(['s600: mine']);
    });

    it('reports the end of the session to the pool first, then to the lease holder', () => {
      ann.lost = () => told.push('ann lost it');
      scripted.ends(new TranslationError('transient', 'cut', 'cut'));
      expect(told).toEqual(['ready', 'ended cut false', 'ann lost it']);
    });

    it('does not report the end of the session to a former lease holder', () => {
      session.release();
      scripted.ends();
      expect(ann.heard).toEqual([]);
    });

    it('reports at the end whether the session had worked', () => {
      scripted.hears('s1', 'one');
      scripted.ends();
      expect(told.at(-1)).toBe('ended undefined true');
    });
  });

  describe('is expired', () => {
    const wear = () => [session.isNearlyExpired, session.isExpired];
    beforeEach(() => scripted.readies());

    it('after 110 minutes, and nearly expired 5 % before', () => {
      clock.advance(104.4 * MINUTE);
      expect(wear()).toEqual([false, false]);
      clock.advance(0.2 * MINUTE);
      expect(wear()).toEqual([true, false]);
      clock.advance(5.4 * MINUTE);
      expect(wear()).toEqual([true, true]);
    });

    it('after 40,000 input tokens, pictures and text included, whatever the output', () => {
      session.lease(ann);
      scripted.events.usage({ inputAudio: 30_000, outputAudio: 50_000, outputText: 9000, total: 89_000 });
      expect(wear()).toEqual([false, false]);
      scripted.events.usage({ inputImage: 8000 });
      expect(wear()).toEqual([true, false]);
      scripted.events.usage({ inputText: 2000 });
      expect(wear()).toEqual([true, true]);
      expect(told.slice(1)).toEqual(['89000 tokens', 'undefined tokens', 'undefined tokens']);
      expect(ann.heard[0]).toBe('89000 tokens');
    });

    it('after 40,000 tokens estimated from the audio sent, if the service reports none', () => {
      const minute = new Int16Array(60 * 16_000);
      for (let i = 0; i < 66; i++) session.send(minute);
      expect(wear()).toEqual([true, false]);
      session.send(minute);
      expect(wear()).toEqual([true, true]);
    });
  });

  it('finishes once when it is retired, and is not ready afterwards', () => {
    session.retire();
    session.retire();
    scripted.readies();
    expect([session.state, scripted.finishes, scripted.closes, told]).toEqual(['retired', 1, 0, []]);
  });

  it('sends nothing to the lease holder after it was retired or closed', () => {
    scripted.readies();
    session.lease(ann);
    session.retire();
    scripted.hears('s1', 'one');
    session.close();
    scripted.ends();
    expect([scripted.closes, ann.heard]).toEqual([1, []]);
  });
});
