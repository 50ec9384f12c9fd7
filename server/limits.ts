/** Every bound of the server that a client can reach. What happens at each is documented where it is used. */
export const limits = {
  rooms: 1000,
  participantsPerRoom: 256,
  /** Those whom nobody is told of take no participant's place: the audience of a conference, as many as may be connected. */
  hiddenPerRoom: 4000,
  /** Open signalling sockets, and those among them that have not joined yet: in all, and of one address. */
  connections: 4000,
  unjoined: 256,
  unjoinedPerAddress: 64,
  /** Connections that wait for a request, or for the rest of one; and how long one whose client takes nothing of an answer is kept. */
  idleConnections: { perAddress: 256, inAll: 2048, stalledMs: 120_000 },
  /** How long a client has to send a request's headers, and all of the request, in milliseconds. */
  requestHeadersMs: 10_000,
  requestMs: 30_000,
  /** How often an address may enter, behind which a whole company may be; and one identity in one room. */
  entries: { perSecond: 20, burst: 600 },
  entriesPerIdentity: { perSecond: 0.5, burst: 20 },
  /** How often an address is told what is wrong with its token. */
  badTokens: { perSecond: 1, burst: 50 },
  /** Addresses and identities whose rates are known. */
  limitedAddresses: 4000,
  limitedIdentities: 8000,
  joinWithinMs: 10_000,
  /** How many people may wait to be admitted to one room, and for how long. */
  waitingPerRoom: 50,
  waitMs: 600_000,
  /** How often hosts are notified of who waits. */
  waitingRoomUpdates: { perSecond: 5, burst: 80 },
  /** Rooms whose settings a host has changed, and the admitted people in each. */
  roomsWithRules: 2000,
  admittedPerRoom: 512,
  /** Requests of one connection that are not answered yet, and those among them that are being handled. */
  requestsUnderWay: 512,
  requestsAtOnce: 4,
  /** What the requests of one connection may cost (see `request-costs.ts`). The burst lets a newcomer consume all tracks of a room of 256. */
  requests: { perSecond: 200, burst: 6000 },
  /** Each request for a track carries the client's capabilities of some 8 kB. */
  requestBytes: { perSecond: 131_072, burst: 8_388_608 },
  /** Changes of which everybody in the room is told: those of one participant, and of all together. */
  changes: {
    person: { perSecond: 5, burst: 40 },
    /** A host may mute everybody in a room of 256. */
    host: { perSecond: 20, burst: 400 },
    interpreter: { perSecond: 20, burst: 400 },
  },
  roomChanges: { perSecond: 200, burst: 2000 },
  /** Languages into which one room is interpreted, where the configuration does not say. */
  languagesPerRoom: 8,
  /** How often a person is notified that they seem to speak another language. */
  suggestions: { perSecond: 0.1, burst: 3 },
  /** How often a person and the hosts are notified that the person is too quiet, or no longer is. */
  volumeNotices: { perSecond: 0.1, burst: 4 },
  /** Unsent bytes of a socket at which its reader counts as too slow. */
  socketBacklogBytes: 4_194_304,
  /** A socket that has not answered a ping by the next one is terminated: within twice this. */
  pingEveryMs: 15_000,
  producers: { person: 8, interpreter: 64 },
  dataProducers: 64,
  consumers: 2048,
  dataConsumers: 256,
  jsonBytes: 65_536,
  /** Room messages of one interpreter, on all of its channels: their number and their bytes. */
  roomMessages: { perSecond: 1000, burst: 4000 },
  roomMessageBytes: { perSecond: 524_288, burst: 4_194_304 },
  /** Bits a second that one participant is asked not to exceed: a camera, a screen and their sound, or an interpreter's channels. */
  incomingBitrate: 5_000_000,
  /** Caption readers over HTTP: in all, in one room and of one identity. They take no participant's place. */
  captionReaders: 1000,
  captionReadersPerRoom: 500,
  captionReadersPerIdentity: 64,
  /** Unsent bytes at which such a reader counts as too slow. */
  readerBacklogBytes: 1_048_576,
  /** Proxies close a connection that carries nothing for long. */
  readerHeartbeatMs: 15_000,
  transcriptsReadAtOnce: 4,
  /** Failed attempts to join or to sign in, for each address. */
  failedJoins: { perSecond: 0.2, burst: 20 },
  failedJoinAddresses: 1000,
  /** Unused codes of sign-in links, and browsers that are signed in as the operator's. */
  signInCodes: 64,
  operatorCredentials: 64,
  /** Revoked tokens and invites that might be valid otherwise. */
  revocations: 20_000,
  revocationsPerRoom: 1000,
  /** Interpreters whose reports of usage are known, and how often one may say that the service throttled it. */
  usageReporters: 1000,
  throttledReports: { perSecond: 0.1, burst: 3 },
  closeMs: 5000,
  /** For how long a room that moves to another server waits for its people to be connected there, too; and with that, for a pause in speech. */
  readyToMoveMs: 5000,
  pauseForMoveMs: 20_000,
  /** For how long a server that has given its rooms away still says where they are: clients come back within it. */
  comeBackMs: 3000,
} as const;
