/**
 * The connection to the server to which a room is about to move. It is opened while the one before is used, so that a client which goes on by
 * it loses nothing of what is said meanwhile.
 *
 * Hard requirement: a connection that is not taken is closed: where another is opened in its place, by `close`, or after a minute, in which
 * every room has moved that is going to.
 */
import { type Clock, within } from '../time/clock.ts';

const UNUSED_MS = 60_000;
/** Whoever joined again meanwhile would be replaced by the connection that is still being opened. */
const OPENS_WITHIN_MS = 5000;

/** The room is about to move. */
export interface RoomMove {
  /** The URL of the server to which it moves: `https://node-2.meet.example.org`. */
  server: string;
  /** Says that this client is connected there. */
  ready(): void;
}

export interface NextConnectionOptions<C> {
  /**
   * Opens a connection to a server, and resolves when it can be used at once. `lost` is called when it has ended by itself, and returns whether
   * it could still have been used. Where it fails, the client joins again as after any loss.
   */
  open(server: string, lost: () => boolean): Promise<C>;
  close(connection: C): void;
  clock: Clock;
}

interface Preparation<C> {
  connection: C | undefined;
  /** Resolves when it is open, or cannot be opened. */
  opened: Promise<void>;
  cancelLimit: () => void;
}

/**
 * @example
 * const next = new NextConnection({ open: (server, lost) => joinAt(server, lost), close: (room) => room.close(), clock: systemClock });
 * next.prepare({ server, ready }); // the room is about to move
 * use((await next.take()) ?? (await joinAgain())); // the connection before has ended
 */
export class NextConnection<C> {
  readonly #options: NextConnectionOptions<C>;
  #preparation: Preparation<C> | undefined;

  constructor(options: NextConnectionOptions<C>) {
    this.#options = options;
  }

  /** The connection that was opened and not taken so far. */
  get connection(): C | undefined {
    return this.#preparation?.connection;
  }

  /** Whether one is being opened. */
  get isOpening(): boolean {
    return this.#preparation !== undefined && this.#preparation.connection === undefined;
  }

  prepare({ server, ready }: RoomMove): void {
    this.close();
    const preparation: Preparation<C> = {
      connection: undefined,
      opened: Promise.resolve(),
      cancelLimit: this.#options.clock.after(UNUSED_MS, () => this.#end(preparation)),
    };
    this.#preparation = preparation;
    preparation.opened = this.#open(preparation, { server, ready });
  }

  /** The connection, which is the caller's from now on. Waits for one that is being opened, up to 5 s. Undefined: there is none. */
  async take(): Promise<C | undefined> {
    const preparation = this.#preparation;
    if (!preparation) return undefined;
    if (!preparation.connection) await within(this.#options.clock, OPENS_WITHIN_MS, preparation.opened);
    const { connection } = preparation;
    preparation.connection = undefined;
    this.#end(preparation);
    return connection;
  }

  close(): void {
    if (this.#preparation) this.#end(this.#preparation);
  }

  async #open(preparation: Preparation<C>, { server, ready }: RoomMove): Promise<void> {
    const { open, close } = this.#options;
    try {
      const connection = await open(server, () => this.#end(preparation));
      if (this.#preparation !== preparation) return close(connection);
      preparation.connection = connection;
      ready();
    } catch {
      this.#end(preparation);
    }
  }

  #end(preparation: Preparation<C>): boolean {
    if (this.#preparation !== preparation) return false;
    const { connection } = preparation;
    this.#preparation = undefined;
    preparation.cancelLimit();
    preparation.connection = undefined;
    if (connection) this.#options.close(connection);
    return true;
  }
}
