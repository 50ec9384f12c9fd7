import { describe, expect, it } from 'vitest';
import { emptyTotals } from '../../../../account/usage-totals.ts';
import {
  type LaunchedInterpreter,
  type LaunchRequest,
  RoomInterpreter,
} from '../../../../server/room/room-interpreter.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { usageAccountingWith } from '../../../support/usage-accounting.ts';

/** A scripted launcher, outside the server's seam: it does what the test says and remembers what it was asked. */
class Launcher {
  readonly launches: { assignment: Pick<LaunchRequest, 'id' | 'languages' | 'onState'>; stopped: boolean }[] = [];
  readonly told: string[] = [];
  readonly states: string[] = [];
  readonly clock = new FakeClock();
  readonly usage = usageAccountingWith();
  onLaunch: (assignment: Pick<LaunchRequest, 'onState'>) => void = () => {};
  stopping: () => Promise<void> = async () => {};
  /** What a launch returns beside `stop`. */
  handle: Omit<LaunchedInterpreter, 'stop'> = {};
  readonly failuresToStop: unknown[] = [];

  room(onDemand = true): RoomInterpreter {
    const room: RoomInterpreter = new RoomInterpreter({
      onDemand,
      pictures: 'off',
      clock: this.clock,
      newId: () => `interpreter-${this.launches.length + 1}`,
      usage: this.usage,
      launch: (assignment) => {
        const launch = { assignment, stopped: false };
        this.launches.push(launch);
        this.onLaunch(assignment);
        return {
          ...this.handle,
          stop: () => {
            launch.stopped = true;
            return this.stopping();
          },
        };
      },
      changed: () => this.told.push(room.interpretation.state),
      stateChanged: ({ id, state }) => this.states.push(`${id} ${state}`),
      failedToStop: (error) => this.failuresToStop.push(error),
    });
    return room;
  }

  get last() {
    const last = this.launches.at(-1);
    if (!last) throw new Error('nothing was launched');
    return last.assignment;
  }
}

const spanish = { choices: 'ana hears es', present: false };
const nothing = { choices: '', present: false };
const usage = {
  ...emptyTotals(),
  tokens: { ...emptyTotals().tokens, total: 2000 },
  speaker: { id: 'ana', name: 'Ana' },
  language: 'es',
};

describe('the interpreter of a room', () => {
  it('is started anew when the one before has left, once, and not where it is dismissed meanwhile', async () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(spanish);
    const { id } = launcher.last;
    launcher.last.onState('running');
    const left = Promise.withResolvers<void>();
    launcher.stopping = () => left.promise;
    const restarts = [room.restart(id), room.restart(id)];
    room.demandChanged({ ...spanish, choices: 'ana hears es, ben reads es' });
    expect([launcher.launches.length, room.view?.state]).toEqual([1, 'restarting']);
    left.resolve();
    await Promise.all(restarts);
    expect(launcher.launches.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(room.view).toMatchObject({ id, state: 'starting' });

    const leftAgain = Promise.withResolvers<void>();
    launcher.stopping = () => leftAgain.promise;
    const restart = room.restart(id);
    const dismissed = room.dismiss(id);
    leftAgain.resolve();
    await expect(restart).rejects.toMatchObject({ code: 'notFound' });
    await dismissed;
    expect(launcher.launches).toHaveLength(2);
  });

  it('comes when someone chooses a language, once', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(nothing);
    expect(launcher.launches).toHaveLength(0);
    room.demandChanged(spanish);
    room.demandChanged({ ...spanish, choices: 'ben too' });
    expect(launcher.launches).toHaveLength(1);
    expect(launcher.last.languages).toBe('auto');
    expect(room.interpretation).toEqual({ onDemand: true, pictures: 'off', state: 'starting' });
  });

  it('is not brought in where the host does not allow it, or somebody interprets by hand', () => {
    const launcher = new Launcher();
    launcher.room(false).demandChanged(spanish);
    const served = launcher.room();
    served.demandChanged({ ...spanish, present: true });
    expect(launcher.launches).toHaveLength(0);
    expect(served.interpretation.state).toBe('on');
  });

  it('is brought in when the one who interpreted by hand leaves', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged({ ...spanish, present: true });
    room.demandChanged(spanish);
    expect(launcher.launches).toHaveLength(1);
  });

  it('is not at work where it is in the room and says that nothing reaches it', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(spanish);
    launcher.last.onState('running');
    room.demandChanged({ ...spanish, present: true });
    launcher.last.onState('restarting', 'The network is cut off.');
    expect(room.interpretation).toMatchObject({ state: 'starting', message: 'The network is cut off.' });
    launcher.last.onState('running');
    expect(room.interpretation).toEqual({ onDemand: true, pictures: 'off', state: 'on' });
    expect(launcher.launches).toHaveLength(1);
  });

  it('notifies the room of every state, and says what happens after a failure', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(spanish);
    launcher.last.onState('running');
    launcher.last.onState('running');
    launcher.last.onState('restarting', 'It crashed.');
    expect(room.interpretation).toEqual({ onDemand: true, pictures: 'off', state: 'starting', message: 'It crashed.' });
    launcher.last.onState('running');
    launcher.last.onState('failed', 'It crashed five times.');
    expect(launcher.told).toEqual(['starting', 'on', 'on', 'starting', 'on', 'failed']);
    const states = ['starting', 'running', 'restarting', 'running', 'failed'];
    expect(launcher.states).toEqual(states.map((state) => `interpreter-1 ${state}`));
    expect(room.interpretation.message).toBe('It crashed five times. Booth tries again by itself.');
    expect(room.view?.state).toBe('failed');
  });

  it('is tried again by itself after a failure, with a pause that doubles from 30 s to 10 min', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(spanish);
    for (const seconds of [30, 60, 120, 240, 480, 600, 600]) {
      const before = launcher.launches.length;
      launcher.last.onState('failed', 'No engine.');
      launcher.clock.advance(seconds * 1000 - 1);
      expect(launcher.launches).toHaveLength(before);
      launcher.clock.advance(1);
      expect(launcher.launches).toHaveLength(before + 1);
      expect(room.interpretation.state).toBe('starting');
    }
    launcher.last.onState('running');
    launcher.clock.advance(600_000);
    launcher.last.onState('failed', 'No engine.');
    const before = launcher.launches.length;
    launcher.clock.advance(30_000);
    expect(launcher.launches, 'it had worked for a while').toHaveLength(before + 1);
  });

  it('is tried again sooner when somebody chooses anew, but not sooner than 30 s', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(spanish);
    launcher.last.onState('failed', 'No engine.');
    launcher.clock.advance(30_000);
    launcher.last.onState('failed', 'No engine.');
    room.demandChanged({ ...spanish, choices: 'ben hears es' });
    launcher.clock.advance(29_000);
    expect(launcher.launches).toHaveLength(2);
    launcher.clock.advance(1000);
    expect(launcher.launches).toHaveLength(3);
  });

  it('that a host requested is tried again with what was requested, its id and its budget, until it is dismissed', async () => {
    const launcher = new Launcher();
    const room = launcher.room(false);
    const { view } = room.request({ languages: ['es'], budget: { tokens: 1000, onExceeded: 'stop' } });
    launcher.usage.report('atelier', view.id, [usage]);
    launcher.last.onState('failed', 'No engine.');
    launcher.clock.advance(30_000);
    expect(launcher.last).toMatchObject({ id: view.id, languages: ['es'] });
    expect(launcher.usage.notice(view.id)?.restraint).toBe('stop');
    launcher.last.onState('failed', 'No engine.');
    await room.dismiss(view.id);
    launcher.clock.advance(600_000);
    expect(launcher.launches).toHaveLength(2);
  });

  it('whose captions cannot be published says in which languages, until they can or it has left', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged({ ...spanish, present: true });
    room.setUnreadable('bot', ['es', 'fr']);
    room.setUnreadable('bot', ['es', 'fr']);
    room.setUnreadable('another', []);
    expect(room.interpretation).toMatchObject({
      state: 'on',
      message: 'Captions in Spanish, French could not be published. Booth tries again by itself.',
    });
    room.setUnreadable('bot', []);
    expect(room.interpretation).not.toHaveProperty('message');
    expect(launcher.told).toEqual(['on', 'on', 'on']);
  });

  it('is not tried again once nobody wants it any more', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(spanish);
    launcher.last.onState('failed');
    room.demandChanged({ ...spanish, choices: 'ben hears fr' });
    room.demandChanged(nothing);
    launcher.clock.advance(120_000);
    expect(launcher.launches).toHaveLength(1);
  });

  it('has failed where it cannot even be launched', () => {
    const launcher = new Launcher();
    launcher.onLaunch = () => {
      throw new Error('spawn ENOENT');
    };
    const room = launcher.room();
    room.demandChanged(spanish);
    expect(room.interpretation.state).toBe('failed');
    expect(room.interpretation.message).toContain('spawn ENOENT');
  });

  it('is let go of where it fails while it is being launched', () => {
    const launcher = new Launcher();
    launcher.onLaunch = ({ onState }) => onState('failed', 'no.');
    launcher.room().demandChanged(spanish);
    expect(launcher.launches[0]?.stopped).toBe(true);
  });

  it('is one: sent for again with the same languages it is the same, with others it is refused', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    const first = room.request({ languages: ['es', 'fr'] });
    expect(first).toMatchObject({ launched: true, view: { languages: ['es', 'fr'], state: 'starting' } });
    expect(room.request({ languages: ['fr', 'es'] })).toMatchObject({ launched: false, view: { id: first.view.id } });
    expect(() => room.request({ languages: 'auto' })).toThrowError(/DELETE it first/);
    expect(() => room.request({ languages: ['es'] })).toThrowError(/DELETE it first/);
    room.demandChanged(spanish);
    expect(launcher.launches).toHaveLength(1);
  });

  it('can be sent at once after a failure, with whatever languages', () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.request({ languages: ['es'] });
    launcher.last.onState('failed', 'No engine.');
    expect(room.request({ languages: 'auto' }).launched).toBe(true);
    expect(launcher.launches.map(({ stopped }) => stopped)).toEqual([true, false]);
  });

  it('stays away after it was dismissed, until it is sent again', async () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(spanish);
    await room.dismiss(launcher.last.id);
    expect(launcher.launches[0]?.stopped).toBe(true);
    room.demandChanged({ ...spanish, choices: 'ben hears fr' });
    expect(room.interpretation).toEqual({ onDemand: false, pictures: 'off', state: 'off' });
    expect(launcher.launches).toHaveLength(1);

    room.request({ languages: 'auto' });
    expect(room.interpretation).toEqual({ onDemand: true, pictures: 'off', state: 'starting' });
    await expect(room.dismiss('interpreter-9')).rejects.toThrowError(/no interpreter interpreter-9/);
  });

  it('is not listened to any more once stopped', async () => {
    const launcher = new Launcher();
    const room = launcher.room();
    room.demandChanged(spanish);
    await room.dismiss(launcher.last.id);
    launcher.last.onState('running');
    expect(room.interpretation.state).toBe('off');
  });

  it('is waited for when the room closes, and not launched any more', async () => {
    const launcher = new Launcher();
    let gone = () => {};
    launcher.stopping = () =>
      new Promise((resolve) => {
        gone = resolve;
      });
    const room = launcher.room();
    room.demandChanged(spanish);
    let closed = false;
    const closing = room.close().then(() => {
      closed = true;
    });
    launcher.clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    gone();
    await closing;
    room.demandChanged({ ...spanish, choices: 'late' });
    expect(launcher.launches).toHaveLength(1);
  });

  it('that cannot be stopped is reported, and lets the room close', async () => {
    const launcher = new Launcher();
    launcher.stopping = () => Promise.reject(new Error('kill EPERM'));
    const room = launcher.room();
    room.demandChanged(spanish);
    await room.close();
    expect(launcher.failuresToStop).toEqual([new Error('kill EPERM')]);
  });
});

describe('an interpreter that runs on another computer', () => {
  const launched = () => {
    const launcher = new Launcher();
    const presences: (number | undefined)[] = [];
    launcher.handle = { presenceChanged: (fence) => presences.push(fence), isHandingOver: true };
    const room = launcher.room();
    room.demandChanged(spanish);
    return { launcher, room, presences, id: launcher.last.id };
  };
  const refused = expect.objectContaining({ code: 'forbidden' });

  it('is told of when it comes and goes, and only of itself', () => {
    const { room, presences, id } = launched();
    room.joined(id, 4);
    room.left('somebody else');
    room.left(id);
    expect(presences).toEqual([4, undefined]);
    expect(room.isHandingOver).toBe(true);
  });

  it('is waited for by whoever stops it until it has left', async () => {
    const { launcher, room, presences, id } = launched();
    room.joined(id, 4);
    const { promise, resolve } = Promise.withResolvers<void>();
    launcher.stopping = () => promise;
    const dismissed = room.dismiss(id);
    room.left(id);
    expect(presences).toEqual([4, undefined]);
    resolve();
    await dismissed;
    room.left(id);
    expect(presences).toEqual([4, undefined]);
  });

  it('may no longer publish once another run of it has come', () => {
    const { room, id } = launched();
    room.joined(id, 4);
    room.requireFence(id, 4);
    room.joined(id, 5);
    expect(() => room.requireFence(id, 4)).toThrow(refused);
    expect(() => room.joined(id, 4)).toThrow(refused);
    expect(room.fenceOf(id)).toBe(5);
  });

  it('begins with any token where it is another interpreter, as Redis may have been emptied meanwhile', async () => {
    const { launcher, room, id } = launched();
    room.joined(id, 9);
    await room.dismiss(id);
    room.request({ languages: 'auto' });
    expect(() => room.requireFence(id, 9)).toThrow(refused);
    room.joined(launcher.last.id, 1);
    expect(room.fenceOf(launcher.last.id)).toBe(1);
  });

  it('has its place in the queue shown until it has come', () => {
    const { launcher, room } = launched();
    launcher.last.onState('starting', 'All are busy.', 3);
    expect(room.interpretation).toMatchObject({ state: 'starting', message: 'All are busy.', queuePlace: 3 });
    expect(room.view).toMatchObject({ queuePlace: 3 });
    launcher.last.onState('starting');
    expect(room.interpretation).not.toHaveProperty('queuePlace');
  });

  it('goes on at another server with what is left of its budget', async () => {
    const [before, after] = [new Launcher(), new Launcher()];
    const options = { languages: ['es'], budget: { tokens: 2500, onExceeded: 'stop' as const } };
    const [here, there] = [before.room(), after.room()];
    here.request(options);
    there.request(options);
    before.usage.report('hall', before.last.id, [usage]);
    await there.adopt(here.settings);
    expect(there.view).toMatchObject({ budget: options.budget });
    expect(after.usage.notice(after.last.id)).toMatchObject({ level: 'near' });
    expect(after.usage.accountBudget.spent.tokens).toBe(0);
    // And so it does where it moves once more.
    expect(there.settings.present?.used).toMatchObject({ tokens: { total: 2000 } });
  });

  it('becomes as hosts have asked for meanwhile, at the server to which its room moves', async () => {
    const [before, after] = [new Launcher(), new Launcher()];
    const [here, there] = [before.room(), after.room()];
    there.request({ languages: ['es'] });
    here.request({ languages: ['fr'], languageSettings: { fr: { voice: 'Cherry' } } });
    await there.adopt(here.settings);
    expect(there.view).toMatchObject({ languages: ['fr'], languageSettings: { fr: { voice: 'Cherry' } } });
    expect(after.launches.map(({ stopped }) => stopped)).toEqual([true, false]);
  });
});
