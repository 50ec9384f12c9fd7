/** How a test tells `faulty-rooms-thread.ts` that the thread of a room is to fail. */
import { renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Fault {
  how: 'throws' | 'hangs' | 'hoards';
  /** Whether the room's next thread fails too. */
  always: boolean;
}

export const faultFile = (interpreter: string): string => join(tmpdir(), `booth-fault-${interpreter}`);

export const interpreterOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub;

/** The thread that interprets this room fails. */
export function failThreadOf(interpreter: string, fault: Fault): void {
  const file = faultFile(interpreter);
  writeFileSync(`${file}.new`, JSON.stringify(fault));
  renameSync(`${file}.new`, file);
}
