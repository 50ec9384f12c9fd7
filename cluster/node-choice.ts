/** Which node takes a new room. Pure: who stands where is passed in. */

/** A server that takes rooms, as it tells the others every two seconds. */
export interface NodeState {
  /** The URL under which people reach this one: `https://node-2.meet.example.org`. It names the node. */
  url: string;
  /** Tells this life of its process from an earlier one. */
  life: string;
  rooms: number;
  /** How busy it is, from 0 to 1: the greater of its event loop's and its processors' share. */
  load: number;
  /** Takes no rooms any more, and gives away those that it has. */
  draining: boolean;
}

/** A room that nobody speaks in yet loads nothing, but it will: each counts for so much. */
const LOAD_OF_A_ROOM = 0.01;
/** How much less loaded another node has to be, so that the person is sent there: each hop takes a moment. */
const WORTH_A_HOP = 0.15;

/**
 * The node for a new room: the one that was asked, unless another is clearly less loaded; undefined: there is none.
 *
 * @param own the URL of the node that was asked
 *
 * @example
 * nodeForRoom([{ url: 'https://a', load: 0.9, … }, { url: 'https://b', load: 0.2, … }], 'https://a'); // 'https://b'
 */
export function nodeForRoom(nodes: readonly NodeState[], own: string): string | undefined {
  const open = nodes.filter(({ draining }) => !draining);
  const [least] = open.toSorted((a, b) => weight(a) - weight(b) || a.url.localeCompare(b.url));
  const asked = open.find(({ url }) => url === own);
  return asked && least && weight(asked) - weight(least) <= WORTH_A_HOP ? own : least?.url;
}

const weight = ({ load, rooms }: NodeState): number => load + rooms * LOAD_OF_A_ROOM;
