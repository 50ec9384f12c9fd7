/**
 * The connections that have not joined yet: at most 64 of each address and 256 in all. One more ends the oldest, of its own address or of
 * the one that has most, so that connections by which nobody joins keep nobody out.
 */
import { CloseCode } from '@mediasoup-booth/protocol';
import { limits } from '../limits.ts';

export interface UnjoinedConnection {
  close(code: number, reason: string): void;
}

const REPLACED_REASON = 'too many connections wait for their join: this is the oldest, connect again';

export class UnjoinedConnections<C extends UnjoinedConnection> {
  /** Connections by address, each in the order in which they came. */
  readonly #byAddress = new Map<string, Set<C>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(connection: C, address: string): void {
    const ofAddress = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, ofAddress);
    ofAddress.add(connection);
    this.#size++;
    if (ofAddress.size > limits.unjoinedPerAddress) this.#endOldest(address);
    else if (this.#size > limits.unjoined) this.endOldest();
  }

  /** Safe for a connection that was removed already. */
  remove(connection: C, address: string): void {
    const ofAddress = this.#byAddress.get(address);
    if (!ofAddress?.delete(connection)) return;
    this.#size--;
    if (ofAddress.size === 0) this.#byAddress.delete(address);
  }

  /** Ends the oldest connection of the address that has most. */
  endOldest(): void {
    const [most] = [...this.#byAddress].sort(([, a], [, b]) => b.size - a.size);
    if (most) this.#endOldest(most[0]);
  }

  #endOldest(address: string): void {
    const [oldest] = this.#byAddress.get(address) ?? [];
    if (!oldest) return;
    this.remove(oldest, address);
    oldest.close(CloseCode.tooMany, REPLACED_REASON);
  }
}
