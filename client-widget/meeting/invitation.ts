/**
 * The invite link that a host shows, and the ids of the ones shown before, so that all are revoked together, even after a reload. At most
 * 100 ids are stored for a room; the oldest goes first. Whatever else came from the host's token is revoked by another call.
 */

import { EntranceError } from '../media/entrance-error.ts';
import { type ErrorReason, errorReasonOf } from '../media/error-reason.ts';
import { hasGrant } from '../media/token-grants.ts';
import { Store } from '../state/store.ts';
import { createInvite, type RoomAccess, revokeEverything, revokeInvite } from './rest.ts';

const MOST = 100;

interface IssuedInvite {
  id: string;
  /** Seconds since 1970. */
  expires: number;
}

interface InviteLinkState {
  /** True for hosts, who alone can create invites. */
  offered: boolean;
  /** The link; empty where there is none or it was revoked. */
  link: string;
  revoked: boolean;
  busy: boolean;
  problem: ErrorReason | undefined;
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

  /** @param access called for each request, because tokens are renewed */
  constructor(
    access: () => RoomAccess,
    storage: Pick<Storage, 'getItem' | 'setItem'>,
    wallClockMs: () => number = Date.now,
  ) {
    this.#wallClockMs = wallClockMs;
    this.#access = access;
    this.#storage = storage;
  }

  /** Creates a new link. */
  create(): Promise<void> {
    return this.#run(async () => {
      const access = this.#access();
      if (!hasGrant('host', access.token)) return;
      this.#set({ offered: true });
      const { id, link, expires } = await createInvite(access);
      this.#saveIssued([...this.#issued, { id, expires }].slice(-MOST));
      this.#set({ link, revoked: false });
    });
  }

  /** Revokes every link that this browser has created for the room; everybody who came in by one is removed. */
  revoke(): Promise<void> {
    return this.#run(async () => {
      for (const { id } of this.#issued) {
        await revokeInvite(this.#access(), id).catch(ignoreUnknown);
        this.#saveIssued(this.#issued.filter((issued) => issued.id !== id));
      }
      this.#set({ link: '', revoked: true });
    });
  }

  /** Revokes everything that this host has given for the room until now, in whatever way: links, tokens, and what came from them. */
  revokeEverything(): Promise<void> {
    return this.#run(async () => {
      await revokeEverything(this.#access());
      this.#saveIssued([]);
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
      // Where a browser stores nothing, invites can still be revoked by id over REST.
    }
  }

  async #run(work: () => Promise<void>): Promise<void> {
    if (this.state.value.busy) return;
    this.#set({ busy: true, problem: undefined });
    try {
      await work();
    } catch (error) {
      this.#set({ problem: errorReasonOf(error) });
    } finally {
      this.#set({ busy: false });
    }
  }

  #set(change: Partial<InviteLinkState>): void {
    this.state.set({ ...this.state.value, ...change });
  }
}

/** A link of before the server's secret was replaced is void already. */
function ignoreUnknown(error: unknown): void {
  if (!(error instanceof EntranceError) || error.code !== 'notFound') throw error;
}
