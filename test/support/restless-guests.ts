/**
 * The guests of a room in a process of its own: all are there, and some send as much as their limits allow, in all ways that cost a
 * server most: changes of which everybody is told, requests for the media worker, long and useless requests.
 *
 * Arguments: the server's URL, how many guests, how many of them are restless. Prints `ready` when all are in the room.
 */

import './end-with-parent.ts';
import { signalSubprotocols, signalUrl } from '@mediasoup-booth/protocol';
import { WebSocket } from 'ws';
import { SignallingClient } from '../../room-client/signalling-client.ts';
import { limits } from '../../server/limits.ts';
import { person, tokenOf } from './server.ts';

const [url = '', guests = '100', restless = '20'] = process.argv.slice(2);
const TICK_MS = 50;

async function enter(n: number): Promise<SignallingClient> {
  const socket = new WebSocket(signalUrl(url), signalSubprotocols(tokenOf(person(`guest-${n}`))));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const client = new SignallingClient(socket as unknown as ConstructorParameters<typeof SignallingClient>[0]);
  client.onEnd(({ code, reason }) => console.log(`ended ${code} ${reason}`));
  await client.request('join', {});
  return client;
}

/** Sends without end what one guest may: four fifths of what requests may cost, and as many changes as are allowed. */
async function beRestless(client: SignallingClient): Promise<void> {
  const { id: transportId } = await client.request('transport.create', { direction: 'send' });
  const costPerTick = (limits.requests.perSecond * TICK_MS) / 1000;
  const changesPerTick = (limits.changes.person.perSecond * TICK_MS) / 1000;
  const ignore = () => {};
  let [changes, turn, padding, work] = [0, 0, 0, 0];
  setInterval(() => {
    turn++;
    for (changes += changesPerTick; changes >= 1; changes--)
      client
        .request('participant.update', { pictures: turn % 40 < 20, speaks: turn % 8 < 4 ? 'en' : 'es' })
        .catch(ignore);
    for (work += costPerTick * 0.8; work >= 21; work -= 21) {
      client.request('transport.restartIce', { transportId }).catch(ignore);
      client.request('participant.update', {}).catch(ignore);
    }
    padding += (limits.requestBytes.perSecond * TICK_MS) / 1000 / 2;
    if (padding < 32_768) return;
    padding = 0;
    client.request('consumer.close', { consumerId: 'x'.repeat(32_768) }).catch(ignore);
  }, TICK_MS);
}

const clients: SignallingClient[] = [];
for (let n = 0; n < Number(guests); n++) clients.push(await enter(n));
console.log('ready');
process.stdin.once('data', () => {
  for (const client of clients.slice(0, Number(restless))) void beRestless(client);
});
