/** The offline engine on a computer that is too busy for it: what is said waits in order, people are told, and it catches up. */
import { afterEach, describe, expect, it } from 'vitest';
import { StarvedEngine } from '../../support/starved-engine.ts';

const BEHIND = /cannot keep up: it is about \d+ s behind/;
const LEFT_OUT = /\d+ s of it were left out/;

let engine: StarvedEngine;
afterEach(() => engine.close());

function start(slowness: number): StarvedEngine {
  engine = new StarvedEngine();
  engine.slowness = slowness;
  return engine;
}

describe('an engine that keeps up', () => {
  it('translates each sentence at once, and people are told of no delay', async () => {
    const { events } = start(0.3);
    await engine.says(5);
    await engine.pauses(6000);
    expect(engine.translated).toEqual(engine.said);
    expect(engine.messages).toEqual([]);
    expect(events.filter((event) => event.type === 'state' && event.state === 'waiting')).toEqual([]);
  });
});

describe('an engine to which more people speak than its computer can keep up with', () => {
  it('serves those who began earlier; the next one waits, is told for whom, and loses nothing', async () => {
    start(0.35);
    engine.othersSpeak(2);
    await engine.passTime(1000);
    await engine.says(6);
    expect(engine.othersWaitedMs, 'milliseconds that wait of those who began earlier').toBeLessThan(1000);
    expect(engine.messages[0]).toMatch(/busy with 2 other speakers who began earlier: it is about \d+ s behind/);
    expect(engine.state).toMatchObject({ state: 'waiting' });
    engine.othersStop();
    await engine.catchesUp(30_000);
    expect(engine.translated).toEqual(engine.said);
    expect(engine.interpretation.droppedMs).toBe(0);
    expect(engine.sessions, 'the wait is no failure').toBe(1);
    await engine.pauses(10_000);
    await engine.says(1);
    expect(engine.state).not.toMatchObject({ state: 'waiting' });
  });

  it('keeps a speaker who was there before from waiting for those who come', async () => {
    start(0.45);
    const speaking = engine.says(8);
    await engine.passTime(1000);
    engine.othersSpeak(1);
    await speaking;
    expect(engine.messages).toEqual([]);
  });
});

describe('an engine that is slower than speech', () => {
  it('translates all that was said before the speaker fell silent, however long it takes', async () => {
    start(3);
    await engine.says(4);
    await engine.pauses(60_000);
    expect(engine.translated).toEqual(engine.said);
    expect(engine.sessions).toBe(1);
  });

  it('keeps what it cannot take in order, tells people, and is back soon when the load is gone', async () => {
    start(4);
    await engine.says(13);
    expect(engine.messages.length).toBeGreaterThan(0);
    expect(engine.messages.length, 'some seconds apart').toBeLessThan(10);
    for (const message of engine.messages) expect(message).toMatch(BEHIND);
    expect(engine.interpretation.droppedMs).toBe(0);
    engine.slowness = 0.3;
    expect(await engine.catchesUp(60_000), 'milliseconds for 30 s').toBeLessThan(15_000);
    expect(engine.translated).toEqual(engine.said);
    expect(engine.sessions).toBe(1);

    await engine.says(1);
    expect(engine.state).not.toMatchObject({ state: 'waiting' });
    expect(await engine.catchesUp(10_000)).toBeLessThan(1000);
    expect(engine.translated).toEqual(engine.said);
  });

  it('leaves out the oldest that waits when it is too much, and says how much', async () => {
    start(10);
    await engine.says(40);
    expect(engine.messages).toContainEqual(expect.stringMatching(LEFT_OUT));
    const droppedMs = engine.interpretation.droppedMs;
    expect(droppedMs).toBeGreaterThan(20_000);
    engine.slowness = 0.3;
    await engine.catchesUp(60_000);
    expect(engine.interpretation.droppedMs - droppedMs, 'nothing more but during the last slow call').toBeLessThan(
      3000,
    );
    // What was translated is in order, once, and includes all of the last 45 s.
    const { said, translated } = engine;
    expect(translated).toEqual(said.filter((word) => translated.includes(word)));
    expect(translated.slice(-15 * 6)).toEqual(said.slice(-15 * 6));
  });

  it('translates the sentence in which it was killed, once', async () => {
    start(2);
    await engine.says(4);
    engine.kill();
    await engine.says(2);
    await engine.pauses(60_000);
    expect(engine.translated).toEqual(engine.said);
    expect(engine.sessions).toBe(2);
  });
});
