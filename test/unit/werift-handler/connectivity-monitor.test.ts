import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../time/fake-clock.ts';
import { ConnectivityMonitor } from '../../../werift-handler/connectivity-monitor.ts';

/** A monitor that has started; `peer.answers` is whether a check is answered. */
function startMonitor() {
  const clock = new FakeClock();
  const events: string[] = [];
  const peer = { answers: true };
  let checks = 0;
  const monitor = new ConnectivityMonitor(clock, {
    sendCheck: () => {
      checks++;
      if (peer.answers) monitor.received();
    },
    onLost: () => events.push('lost'),
    onRestored: () => events.push('restored'),
  });
  monitor.start();
  return { clock, events, peer, monitor, checks: () => checks };
}

describe('the connectivity monitor', () => {
  it('sends no check while datagrams arrive', () => {
    const { clock, events, monitor, checks } = startMonitor();
    for (let time = 0; time < 60_000; time += 500) {
      monitor.received();
      clock.advance(500);
    }
    expect(checks()).toBe(0);
    expect(events).toEqual([]);
  });

  it('keeps a silent connection whose checks are answered', () => {
    const { clock, events, checks } = startMonitor();
    clock.advance(600_000);
    expect(checks()).toBe(300);
    expect(events).toEqual([]);
  });

  it('reports a loss once, 3 to 4 s after the last datagram', () => {
    const { clock, events, peer, monitor } = startMonitor();
    peer.answers = false;
    clock.advance(900);
    monitor.received();
    clock.advance(3000);
    expect(events).toEqual([]);
    clock.advance(1000);
    expect(events).toEqual(['lost']);
    clock.advance(60_000);
    expect(events).toEqual(['lost']);
  });

  it('keeps sending checks after a loss, and reports the first answer', () => {
    const { clock, events, peer, checks } = startMonitor();
    peer.answers = false;
    clock.advance(10_000);
    expect(checks()).toBe(10);
    peer.answers = true;
    clock.advance(60_000);
    expect(events).toEqual(['lost', 'restored']);
  });

  it('counts a second for which the event loop was blocked once', () => {
    const { clock, events, monitor } = startMonitor();
    clock.stall(30_000);
    clock.advance(0);
    monitor.received();
    clock.advance(1000);
    expect(events).toEqual([]);
  });

  it('leaves no timer behind', () => {
    const { clock, monitor } = startMonitor();
    clock.advance(5000);
    monitor.stop();
    expect(clock.pending).toBe(0);
  });
});
