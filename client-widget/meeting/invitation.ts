/**
 * The invites that a host gives out from this browser: the link that is shown, and the ids of those that were shown before, so that
 * they are revoked with it, also after a reload. At most 100 ids are remembered for a room, the oldest goes.
 */
import { may } from '../media/grants.ts';
import { type Reason, reasonOf } from '../media/reason.ts';
import { Store } from '../state/store.ts';
import { createInvite, type RoomAccess, revokeInvite } from './rest.ts';

const MOST = 100;

interface IssuedInvite {
  id: string;
  /** Seconds since 1970. */
  expires: number;
}

interface InviteLinkState {
  /** Only hosts give out invites. */
  offered: boolean;
  /** Empty: there is none, or it was revoked. */
  link: string;
  revoked: boolean;
  busy: boolean;
  problem: Reason | undefined;
}

export class InviteLink {
  readonly state = new Store<InviteLinkState>({
    offered: false,
    link: '',
    revoked: false,
    busy: false,
    problem: undefined,
  });
  readonly #access: () => RoomAccess;
  readonly #wallClockMs: () => number;
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;

  /** @param access asked each time, for tokens are renewed */
  constructor(
    access: () => RoomAccess,
    storage: Pick<Storage, 'getItem' | 'setItem'>,
    wallClockMs: () => number = Date.now,
  ) {
    this.#wallClockMs = wallClockMs;
    this.#access = access;
    this.#storage = storage;
  }

  /** A new link. */
  create(): Promise<void> {
    return this.#run(async () => {
      const access = this.#access();
      if (!may('host', access.token)) return;
      this.#set({ offered: true });
      const { id, link, expires } = await createInvite(access);
      this.#saveIssued([...this.#issued, { id, expires }].slice(-MOST));
      this.#set({ link, revoked: false });
    });
  }

  /** Every link that this browser has given out for the room: whoever came in by one leaves. */
  revoke(): Promise<void> {
    return this.#run(async () => {
      for (const { id } of this.#issued) {
        await revokeInvite(this.#access(), id);
        this.#saveIssued(this.#issued.filter((issued) => issued.id !== id));
      }
      this.#set({ link: '', revoked: true });
    });
  }

  get #key(): string {
    return `booth.invites ${this.#access().room}`;
  }

  get #issued(): IssuedInvite[] {
    try {
      const issued: IssuedInvite[] = JSON.parse(this.#storage.getItem(this.#key) ?? '[]');
      return issued.filter(({ id, expires }) => typeof id === 'string' && expires * 1000 > this.#wallClockMs());
    } catch {
      return [];
    }
  }

  #saveIssued(issued: readonly IssuedInvite[]): void {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(issued));
    } catch {
      // Where a browser keeps nothing, invites are revoked by their ids over REST.
    }
  }

  async #run(work: () => Promise<void>): Promise<void> {
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

  #set(change: Partial<InviteLinkState>): void {
    this.state.set({ ...this.state.value, ...change });
  }
}
