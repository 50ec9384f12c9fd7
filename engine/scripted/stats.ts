/** What the simulator was sent, connection by connection: the last 1000 of them, each with its last 5000 utterances. */
import type { BackendConfiguration } from '../wire/backend.ts';

export interface ConnectionEnd {
  by: 'client' | 'service' | 'cut';
  code?: number;
  reason?: string;
}

export interface UtteranceRecord {
  /** Over all connections, and on this one; from 1. */
  number: number;
  numberThere: number;
  startMs: number;
  endMs?: number;
  /** As they were heard. */
  words: string[];
  /** It was heard before, on another connection. */
  replay: boolean;
}

export interface ConnectionRecord {
  number: number;
  openedMs: number;
  model: string;
  /** The beginning of its SHA-256. */
  key: string | 'none';
  configuration?: BackendConfiguration;
  audioSeconds: number;
  silenceSeconds: number;
  images: { atMs: number; bytes: number; width: number; height: number }[];
  /** Between messages with audio. */
  gapsMs: { longest: number; over200: number; over1000: number };
  tokens: { input: number; output: number };
  utterances: UtteranceRecord[];
  /** What it did that it should not have. */
  violations: { atMs: number; code: string; message: string }[];
  ended?: ConnectionEnd & { atMs: number };
}

export interface SimulatorStats {
  connections: ConnectionRecord[];
  /** Not let in: the status of each answer. */
  refused: { atMs: number; status: number }[];
  /** The most in any 60 s, throttled ones not counted. */
  connectionsPerMinute: number;
  tokensPerMinute: number;
}

const MAX_CONNECTIONS = 1000;
const MAX_ENTRIES = 5000;

/** A list that forgets its beginning. */
export function appendBounded<T>(list: T[], entry: T, limit = MAX_ENTRIES): void {
  list.push(entry);
  if (list.length > limit) list.shift();
}

export class StatsRecorder {
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
