/** What a page's peer connections carry, and by which way; for any browser: the functions run in the page. */

/** Runs in the page, before its own scripts. */
export function observeConnections(): void {
  const connections: RTCPeerConnection[] = [];
  const Original = RTCPeerConnection;
  class Observed extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  }
  Object.assign(globalThis, { RTCPeerConnection: Observed, connections });
}

/** How loud what the page receives is now, from 0 to 1. Without a sound card, Firefox has no AudioContext that could tell. */
export async function receivedLoudness(): Promise<number> {
  const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
  const reports = await Promise.all(connections.map((connection) => connection.getStats()));
  const levels = reports.flatMap((report) =>
    [...report.values()].filter(({ type }) => type === 'inbound-rtp').map(({ audioLevel = 0 }) => audioLevel),
  );
  return Math.max(0, ...levels);
}

/** By which ways the open connections send and receive: `udp`, `tcp`, or `relay` through a TURN server. */
export async function mediaPaths(): Promise<string[]> {
  const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
  const open = connections.filter(({ connectionState }) => connectionState === 'connected');
  const reports = await Promise.all(open.map((connection) => connection.getStats()));
  return reports.flatMap((report) => {
    const all = [...report.values()];
    const chosen = new Set(all.map(({ selectedCandidatePairId }) => selectedCandidatePairId));
    // Chromium names the pair in its transport, Firefox marks it.
    return all
      .filter(({ type, id, selected }) => type === 'candidate-pair' && (selected === true || chosen.has(id)))
      .map(({ localCandidateId }) => report.get(localCandidateId))
      .map((local) => (local?.candidateType === 'relay' ? 'relay' : String(local?.protocol)));
  });
}
