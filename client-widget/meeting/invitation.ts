/**
 * The invites that a host gives out from this browser: the link that is shown, and the ids of those that were shown before, so that
 * they are revoked with it, also after a reload. At most 100 ids are remembered for a room, the oldest goes.
 */
import { may } from '../media/grants.ts';
import { type Reason, reasonOf } from '../media/reason.ts';
import { Store } from '../state/store.ts';
import { askInvite, type Pass, revokeInvite } from './rest.ts';

const MOST = 100;

interface Given {
  id: string;
  /** Seconds since 1970. */
  expires: number;
}

export interface InvitationState {
  /** Only hosts give out invites. */
  offered: boolean;
  /** Empty: there is none, or it was revoked. */
  link: string;
  revoked: boolean;
  busy: boolean;
  problem: Reason | undefined;
}

export class Invitation {
  readonly state = new Store<InvitationState>({
    offered: false,
    link: '',
    revoked: false,
    busy: false,
    problem: undefined,
  });
  readonly #pass: () => Pass;
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;

  /** @param pass asked each time, for tokens are renewed */
  constructor(pass: () => Pass, storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#pass = pass;
    this.#storage = storage;
  }

  /** A new link. */
  ask(): Promise<void> {
    return this.#busy(async () => {
      const pass = this.#pass();
      if (!may('host', pass.token)) return;
      this.#set({ offered: true });
      const { id, link, expires } = await askInvite(pass);
      this.#remember([...this.#given, { id, expires }].slice(-MOST));
      this.#set({ link, revoked: false });
    });
  }

  /** Every link that this browser has given out for the room: whoever came in by one leaves. */
  revoke(): Promise<void> {
    return this.#busy(async () => {
      for (const { id } of this.#given) {
        await revokeInvite(this.#pass(), id);
        this.#remember(this.#given.filter((given) => given.id !== id));
      }
      this.#set({ link: '', revoked: true });
    });
  }

  get #key(): string {
    return `booth.invites ${this.#pass().room}`;
  }

  get #given(): Given[] {
    try {
      const given: Given[] = JSON.parse(this.#storage.getItem(this.#key) ?? '[]');
      return given.filter(({ id, expires }) => typeof id === 'string' && expires * 1000 > Date.now());
    } catch {
      return [];
    }
  }

  #remember(given: readonly Given[]): void {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(given));
    } catch {
      // Where a browser keeps nothing, invites are revoked by their ids over REST.
    }
  }

  async #busy(work: () => Promise<void>): Promise<void> {
    if (this.state.value.busy) return;
    this.#set({ busy: true, problem: undefined });
    try {
      await work();
    } catch (error) {
      this.#set({ problem: reasonOf(error) });
    } finally {
      this.#set({ busy: false });
    }
  }

  #set(change: Partial<InvitationState>): void {
    this.state.set({ ...this.state.value, ...change });
  }
}
