import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { UNWANTED_MS, WantedPipes } from '../../../../server/media/wanted-pipes.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

class Pipe {
  readonly observer = new EventEmitter();
  closed = false;

  close(): void {
    this.closed = true;
    this.observer.emit('close');
  }
}

describe('pipes', () => {
  let clock: FakeClock;
  let opened: Pipe[];
  let pipes: WantedPipes<Pipe>;
  const open = async () => {
    const pipe = new Pipe();
    opened.push(pipe);
    return pipe;
  };
  beforeEach(() => {
    clock = new FakeClock();
    opened = [];
    pipes = new WantedPipes(clock);
  });

  it('are opened once, however many want what they carry', async () => {
    await Promise.all([pipes.want('a', open), pipes.want('a', open), pipes.want('b', open)]);
    await pipes.want('a', open);
    expect(opened).toHaveLength(2);
    expect(pipes.size).toBe(2);
  });

  it('close a while after the last who wanted them has gone, and not where somebody comes meanwhile', async () => {
    const [first, second] = [await pipes.want('a', open), await pipes.want('a', open)];
    first();
    first();
    clock.advance(UNWANTED_MS);
    expect(opened[0]?.closed).toBe(false);
    second();
    clock.advance(UNWANTED_MS - 1);
    const third = await pipes.want('a', open);
    clock.advance(UNWANTED_MS);
    expect(opened).toMatchObject([{ closed: false }]);
    third();
    clock.advance(UNWANTED_MS);
    await Promise.resolve();
    expect(opened).toMatchObject([{ closed: true }]);
    expect(pipes.size).toBe(0);
    await pipes.want('a', open);
    expect(opened).toHaveLength(2);
  });

  it('that close by themselves are opened anew, and who wanted the earlier one does not close the later', async () => {
    const release = await pipes.want('a', open);
    opened[0]?.close();
    await pipes.want('a', open);
    release();
    clock.advance(UNWANTED_MS);
    expect(opened).toMatchObject([{ closed: true }, { closed: false }]);
  });

  it('that cannot be opened tell everybody who waits, and are tried again', async () => {
    const fails = () => Promise.reject(new Error('no worker'));
    await expect(Promise.all([pipes.want('a', fails), pipes.want('a', fails)])).rejects.toThrow('no worker');
    expect(pipes.size).toBe(0);
    await pipes.want('a', open);
    expect(opened).toHaveLength(1);
  });

  it('leave nothing behind when their router closes', async () => {
    (await pipes.want('a', open))();
    pipes.clear();
    expect([pipes.size, clock.pending]).toEqual([0, 0]);
  });
});
