/** Records what the simulator received: the last 1000 connections, each with its last 5000 utterances. */
import type { BackendConfiguration } from '../wire/backend.ts';

export interface RecordedEnd {
  by: 'client' | 'service' | 'cut';
  code?: number;
  reason?: string;
}

export interface UtteranceRecord {
  /** Counted from 1, over all connections and on this one. */
  number: number;
  numberThere: number;
  startMs: number;
  endMs?: number;
  /** The words as they were spoken. */
  words: string[];
  /** Whether it was sent before on another connection. */
  replay: boolean;
}

export interface ConnectionRecord {
  number: number;
  openedMs: number;
  model: string;
  /** The beginning of the key's SHA-256. */
  key: string | 'none';
  configuration?: BackendConfiguration;
  audioSeconds: number;
  silenceSeconds: number;
  images: { atMs: number; bytes: number; width: number; height: number }[];
  /** The gaps between messages with audio. */
  gapsMs: { longest: number; over200: number; over1000: number };
  tokens: { input: number; output: number };
  utterances: UtteranceRecord[];
  /** The violations of the protocol by the client. */
  violations: { atMs: number; code: string; message: string }[];
  ended?: RecordedEnd & { atMs: number };
}

export interface SimulatorStats {
  connections: ConnectionRecord[];
  /** The status of each refused connection. */
  refused: { atMs: number; status: number }[];
  /** The maximum in any 60 s, without throttled connections. */
  connectionsPerMinute: number;
  tokensPerMinute: number;
}

const MAX_CONNECTIONS = 1000;
const MAX_ENTRIES = 5000;

/** Appends to a list, and removes its oldest entry if it is longer than the limit. */
export function appendBounded<T>(list: T[], entry: T, limit = MAX_ENTRIES): void {
  list.push(entry);
  if (list.length > limit) list.shift();
}

export class SimulatorRecorder {
  readonly connections: ConnectionRecord[] = [];
  readonly refused: { atMs: number; status: number }[] = [];
  peaks = { connectionsPerMinute: 0, tokensPerMinute: 0 };

  open(entry: Pick<ConnectionRecord, 'number' | 'openedMs' | 'model' | 'key'>): ConnectionRecord {
    const record: ConnectionRecord = {
      ...entry,
      audioSeconds: 0,
      silenceSeconds: 0,
      images: [],
      gapsMs: { longest: 0, over200: 0, over1000: 0 },
      tokens: { input: 0, output: 0 },
      utterances: [],
      violations: [],
    };
    appendBounded(this.connections, record, MAX_CONNECTIONS);
    return record;
  }

  refuse(atMs: number, status: number): void {
    appendBounded(this.refused, { atMs, status });
  }

  stats(): SimulatorStats {
    return structuredClone({ connections: this.connections, refused: this.refused, ...this.peaks });
  }
}
