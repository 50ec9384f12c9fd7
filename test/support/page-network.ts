/** What a page makes of its network: when ICE lost it, when sound arrived, by the page's own clock. */
import type { Page } from 'playwright-core';

/** Milliseconds since the page was opened. */
interface Observed {
  /** When the state of a connection changed, and to what. */
  states: { atMs: number; state: string }[];
  /** When sound that is no silence arrived, looked at every 100 ms. */
  sounded: number[];
  /** By which protocol each connection that is open receives now. */
  protocols: string[];
}

/** Observes the page from its next loading on. */
export async function observeNetwork(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const observed: Observed = { states: [], sounded: [], protocols: [] };
    const connections: RTCPeerConnection[] = [];
    Object.assign(globalThis, { observed });
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        connections.push(this);
        this.addEventListener('connectionstatechange', () =>
          observed.states.push({ atMs: performance.now(), state: this.connectionState }),
        );
      }
    };
    const energies = new Map<string, number>();
    setInterval(async () => {
      let sounds = false;
      const protocols: string[] = [];
      for (const [index, connection] of connections.entries()) {
        if (connection.connectionState === 'closed') continue;
        const report = await connection.getStats();
        for (const { id, type, totalAudioEnergy, selectedCandidatePairId } of report.values()) {
          const local = type === 'transport' && report.get(report.get(selectedCandidatePairId)?.localCandidateId);
          if (local) protocols.push(local.protocol);
          if (type !== 'inbound-rtp' || totalAudioEnergy === undefined) continue;
          const key = `${index} ${id}`;
          sounds ||= totalAudioEnergy > (energies.get(key) ?? 0) + 1e-6;
          energies.set(key, totalAudioEnergy);
        }
      }
      observed.protocols = protocols;
      if (sounds) observed.sounded.push(performance.now());
    }, 100);
  });
}

type WithObserved = typeof globalThis & { observed: Observed };

export const observedBy = (page: Page): Promise<Observed & { nowMs: number }> =>
  page.evaluate(() => ({ ...(globalThis as WithObserved).observed, nowMs: performance.now() }));

/** The longest time between two of `times` after `sinceMs`, in milliseconds. */
export function longestGap(times: readonly number[], sinceMs: number): number {
  const after = times.filter((time) => time >= sinceMs);
  return Math.max(0, ...after.slice(1).map((time, index) => time - (after[index] ?? time)));
}
