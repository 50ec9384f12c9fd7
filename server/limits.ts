/** Every bound of the server that a client can run into, in one place. What happens at each is said where it is used. */
export const limits = {
  rooms: 1000,
  participantsPerRoom: 256,
  /** Sockets open at once, and of them those that have not joined yet. */
  connections: 4000,
  connectionsNotJoined: 256,
  joinWithinMs: 10_000,
  /** Who wait to be let into one room, and for how long. */
  waitingPerRoom: 50,
  waitMs: 600_000,
  /** How often hosts are told who waits. */
  waitingRoomUpdates: { perSecond: 5, burst: 80 },
  /** Rooms for which a host has settled something, and in each the people who were let in. */
  roomsWithRules: 2000,
  admittedPerRoom: 512,
  requestsUnderWay: 512,
  /** A room of 256 may be consumed in one go by a newcomer. */
  messages: { perSecond: 200, burst: 4000 },
  /** How often one person is told that they seem to speak another language. */
  suggestions: { perSecond: 0.1, burst: 3 },
  /** What a socket may have waiting because its reader is slow. */
  socketBacklogBytes: 4_194_304,
  /** A socket that answered no ping for one interval is dead: found within twice this. */
  pingEveryMs: 15_000,
  producers: { person: 8, interpreter: 64 },
  dataProducers: 64,
  consumers: 2048,
  dataConsumers: 256,
  jsonBytes: 65_536,
  /** Who read captions over HTTP, all together and by one identity. */
  captionReaders: 1000,
  captionReadersPerIdentity: 64,
  /** What such a reader may have waiting because they are slow. */
  readerBacklogBytes: 1_048_576,
  /** A reader's connection that says nothing for long is taken for dead by what lies between. */
  readerHeartbeatMs: 15_000,
  transcriptsReadAtOnce: 4,
  /** Refused attempts to join, per address. */
  failedJoins: { perSecond: 0.2, burst: 20 },
  failedJoinAddresses: 1000,
  /** Tokens and invites that are revoked and might be valid otherwise. */
  revocations: 20_000,
  revocationsPerRoom: 1000,
  closeMs: 5000,
} as const;
