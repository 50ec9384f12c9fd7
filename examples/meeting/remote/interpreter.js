/** Interprets one room of the meeting, as a participant who comes over its signalling. */
import { liveTranslate, runInterpreter } from '@mediasoup-booth/interpreter/remote';
import { io } from 'socket.io-client';

const {
  MEETING = 'http://127.0.0.1:4000',
  ROOM = 'lobby',
  INTERPRETER_TOKEN,
  DASHSCOPE_API_KEY,
  DASHSCOPE_URL,
} = process.env;

async function join(link) {
  const auth = { room: ROOM, id: 'booth-interpreter', name: 'Interpreter', token: INTERPRETER_TOKEN };
  const socket = io(MEETING, { auth, forceNew: true, reconnection: false });
  link.signal.addEventListener('abort', () => socket.disconnect());
  const request = async (name, data = {}) => {
    const { result, error } = await socket.timeout(10_000).emitWithAck(name, data);
    if (error) throw new Error(error);
    return result;
  };
  const people = new Map();
  socket.on('joined', (person) => {
    people.set(person.id, person); // { id, name, speaks, hears, reads }; again when they choose
    link.changed();
  });
  socket.on('left', ({ id }) => {
    people.delete(id);
    link.changed();
  });
  socket.on('newConsumer', ({ peerId, ...consumer }) => link.consumer({ ...consumer, personId: peerId }));
  socket.on('consumerClosed', ({ consumerId }) => link.consumerClosed(consumerId));
  socket.on('disconnect', (reason) => link.ended(reason));
  const { rtpCapabilities } = await new Promise((resolve, reject) => {
    socket.once('welcome', resolve).once('connect_error', reject);
  });
  await request('join', await link.capabilities(rtpCapabilities));
  return {
    routerRtpCapabilities: rtpCapabilities,
    people: () => people.values(),
    createTransport: ({ direction }) => request('createTransport', { direction }),
    connectTransport: (transportId, dtlsParameters) => request('connectTransport', { transportId, dtlsParameters }),
    restartIce: (transportId) => request('restartIce', { transportId }),
    enter: () => request('ready'),
    produce: async ({ appData, ...options }) => (await request('produce', { ...options, ...appData })).id,
    pauseConsumer: (consumerId) => request('pauseConsumer', { consumerId }),
    resumeConsumer: (consumerId) => request('resumeConsumer', { consumerId }),
    message: (message) => socket.emit('caption', message),
    close: () => socket.disconnect(),
  };
}

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
const engine = liveTranslate({ key: DASHSCOPE_API_KEY, url: DASHSCOPE_URL });
await runInterpreter({ engine, join, signal: stopping.signal, budget: { tokens: 400_000 } });
