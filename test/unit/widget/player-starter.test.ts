/** Players that the system pauses and the browser refuses, by a scripted player and in fake time. */
import { describe, expect, it } from 'vitest';
import { PlayerStarter, type StartedPlayer } from '../../../client-widget/media/player-starter.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

class ScriptedPlayer implements StartedPlayer {
  starts = 0;
  refusal: DOMException | undefined;
  #listener: () => void = () => undefined;
  async start(): Promise<void> {
    this.starts++;
    if (this.refusal) throw this.refusal;
  }
  onPaused(listener: () => void): void {
    this.#listener = listener;
  }
  pause(): void {
    this.#listener();
  }
}

const refused = () => new DOMException('A gesture is needed.', 'NotAllowedError');
const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

function setUp() {
  const clock = new FakeClock();
  let comeBack: () => void = () => undefined;
  const starter = new PlayerStarter(clock, (listener) => {
    comeBack = listener;
    return () => {
      comeBack = () => undefined;
    };
  });
  const player = new ScriptedPlayer();
  starter.add(player);
  return { clock, starter, player, comesBack: () => comeBack() };
}

describe('a player that is paused by the system', () => {
  it('starts again after 1 s', async () => {
    const { clock, player } = setUp();
    await settled();
    player.pause();
    clock.advance(999);
    expect(player.starts).toBe(1);
    clock.advance(1);
    expect(player.starts).toBe(2);
  });

  it('starts again at once when the person comes back', async () => {
    const { player, comesBack } = setUp();
    await settled();
    player.pause();
    comesBack();
    expect(player.starts).toBe(2);
    await settled();
    comesBack();
    expect(player.starts).toBe(2);
  });

  it('is left alone for longer and longer, up to 30 s, while it is paused again each time', async () => {
    const { clock, player } = setUp();
    const waits: number[] = [];
    for (let pause = 0; pause < 7; pause++) {
      await settled();
      const { starts } = player;
      player.pause();
      let waited = 0;
      for (; player.starts === starts; waited += 1_000) clock.advance(1_000);
      waits.push(waited / 1_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  it('says that a gesture is needed where the browser refuses, until it plays', async () => {
    const { clock, player, starter, comesBack } = setUp();
    await settled();
    expect(starter.blocked.value).toBe(false);
    player.pause();
    player.refusal = refused();
    clock.advance(1_000);
    await settled();
    expect(starter.blocked.value).toBe(true);
    player.refusal = undefined;
    comesBack();
    await settled();
    expect(starter.blocked.value).toBe(false);
  });

  it('stays silent once it is removed, or all are closed', async () => {
    const { clock, player, starter, comesBack } = setUp();
    const other = new ScriptedPlayer();
    starter.add(other);
    await settled();
    player.pause();
    starter.remove(player);
    player.pause();
    other.pause();
    starter.close();
    comesBack();
    clock.advance(60_000);
    expect([player.starts, other.starts]).toEqual([1, 1]);
  });
});
