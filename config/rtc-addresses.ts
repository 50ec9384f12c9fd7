/** Reads the settings of media that hold lists: addresses to listen on, ranges of ports, and the URLs of STUN and TURN servers. Pure. */
import { isIP } from 'node:net';

/** An address on which media are received. */
export interface ListenAddress {
  /** An IP address, or a name of this computer. */
  ip: string;
  /** What clients are told in its place: an address or a name. Default: the address itself. */
  announcedAddress?: string | undefined;
  /** Done without where it cannot be bound, as that of a network which the computer has left. Default: false. */
  optional?: boolean | undefined;
}

/** A browser with more of them is slow to connect, and says so. */
export const MAX_ICE_SERVER_URLS = 8;

const isHostName = (text: string): boolean => /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/.test(text);
const iceServerUrl =
  /^(stuns?:(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?|turns?:(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?)$/i;

/** The items of a list with commas between them, without blanks. */
const itemsOf = (list: string): string[] =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/**
 * The addresses of a list such as `192.0.2.7, ::=2001:db8::7`: each an address of this computer, and after `=` what clients are told.
 * @returns undefined where an item is none
 *
 * @example
 * listenAddresses('0.0.0.0=203.0.113.7, 10.0.0.5'); // [{ ip: '0.0.0.0', announcedAddress: '203.0.113.7' }, { ip: '10.0.0.5' }]
 */
export function listenAddresses(list: string): readonly ListenAddress[] | undefined {
  const addresses = itemsOf(list).map((item) => {
    const [ip = '', announcedAddress, ...rest] = item.split('=');
    const isAnnounceable =
      announcedAddress === undefined || isIP(announcedAddress) !== 0 || isHostName(announcedAddress);
    if (isIP(ip) === 0 || !isAnnounceable || rest.length > 0) return undefined;
    return { ip, ...(announcedAddress !== undefined && { announcedAddress }) };
  });
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}

/**
 * The ports of a range such as `40000-40999`, both ends included.
 * @returns undefined where the text is none
 */
export function portRange(text: string): { min: number; max: number } | undefined {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(text.trim()) ?? [];
  const [min, max] = [Number(first), Number(last)];
  return min >= 1 && min <= max && max <= 65_535 ? { min, max } : undefined;
}

/**
 * The URLs of a list such as `stun:stun.example.org, turn:turn.example.org:3478?transport=udp`.
 * @returns undefined where an item is no such URL, or where there are more than {@link MAX_ICE_SERVER_URLS}
 */
export function iceServerUrls(list: string): readonly string[] | undefined {
  const urls = itemsOf(list);
  return urls.length <= MAX_ICE_SERVER_URLS && urls.every((url) => iceServerUrl.test(url)) ? urls : undefined;
}

/** Whether a URL is that of a TURN server, which relays media, and lets nobody in without a name and a password. */
export const isTurnUrl = (url: string): boolean => /^turns?:/i.test(url);
