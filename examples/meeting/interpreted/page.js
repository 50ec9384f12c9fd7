import { meeting } from '@mediasoup-booth/widget';
import { Device } from 'mediasoup-client';
import { io } from 'socket.io-client';

const form = document.querySelector('form');
const main = document.querySelector('main');
const people = document.querySelector('#people');
const failure = document.querySelector('#failure');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  failure.textContent = '';
  const closing = [];
  const leave = () => {
    for (const close of closing) close();
    people.replaceChildren();
    form.hidden = false;
    main.hidden = true;
  };
  document.querySelector('#leave').onclick = leave;
  try {
    await join(Object.fromEntries(new FormData(form)), (close) => closing.push(close));
    form.hidden = true;
    main.hidden = false;
  } catch ({ message }) {
    leave();
    failure.textContent = message;
  }
});

/** @param onLeave takes what is to be done when the person leaves, or cannot join after all */
async function join({ name, room, camera }, onLeave) {
  const me = crypto.randomUUID();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: camera === 'on' });
  onLeave(() => {
    for (const track of stream.getTracks()) track.stop();
  });
  const socket = io({ auth: { room, id: me, name }, forceNew: true, reconnection: false });
  onLeave(() => socket.disconnect());
  const request = async (name, data = {}) => {
    const { result, error } = await socket.emitWithAck(name, data);
    if (error) throw new Error(error);
    return result;
  };

  socket.on('joined', ({ id, name }) => addPerson(id, name));
  socket.on('left', ({ id }) => document.getElementById(id)?.remove());
  const { rtpCapabilities, languages } = await new Promise((resolve, reject) => {
    socket.once('welcome', resolve).once('connect_error', reject);
  });
  const device = new Device();
  await device.load({ routerRtpCapabilities: rtpCapabilities });
  await request('join', { rtpCapabilities: device.rtpCapabilities, speaks: navigator.language });

  const createTransport = async (direction) => {
    const options = await request('createTransport', { direction });
    const transport = direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
    onLeave(() => transport.close());
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      request('connectTransport', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      request('produce', { transportId: transport.id, kind, rtpParameters, source: appData.source }).then(done, failed);
    });
    transport.on('connectionstatechange', async (state) => {
      if (state !== 'disconnected') return;
      await transport.restartIce({ iceParameters: await request('restartIce', { transportId: transport.id }) });
    });
    return transport;
  };
  const send = await createTransport('send');
  const recv = await createTransport('recv');
  const consumers = new Map();
  const choose = (choice) => request('choose', choice);
  const booth = meeting({ me, languages, choose, remember: true });
  socket.on('caption', (message) => booth.message(message));
  onLeave(() => booth.close());

  socket.on('newConsumer', async ({ peerId, ...options }) => {
    const consumer = await recv.consume(options);
    consumers.set(consumer.id, consumer);
    if (!booth.add(consumer, peerId)) play(peerId, consumer);
    await request('resumeConsumer', { consumerId: consumer.id });
  });
  socket.on('consumerClosed', ({ consumerId }) => {
    const consumer = consumers.get(consumerId);
    consumers.delete(consumerId);
    consumer?.close();
    document.getElementById(consumerId)?.remove();
  });
  await request('ready');

  const [audio] = stream.getAudioTracks();
  const [video] = stream.getVideoTracks();
  const microphone = await send.produce({ track: audio, appData: { source: 'microphone' } });
  if (video) {
    const encodings = [{ scaleResolutionDownBy: 4 }, { scaleResolutionDownBy: 2 }, {}];
    await send.produce({ track: video, encodings, appData: { source: 'camera' } });
  }

  const mute = document.querySelector('#mute');
  mute.onclick = async () => {
    const paused = !microphone.paused;
    if (paused) microphone.pause();
    else microphone.resume();
    mute.ariaPressed = String(paused);
    await request('pauseProducer', { producerId: microphone.id, paused });
  };
}

function addPerson(id, name) {
  const item = document.createElement('li');
  item.id = id;
  item.textContent = name;
  people.append(item);
}

function play(peerId, consumer) {
  const element = document.createElement(consumer.kind);
  element.id = consumer.id;
  element.autoplay = true;
  element.srcObject = new MediaStream([consumer.track]);
  document.getElementById(peerId)?.append(element);
}
