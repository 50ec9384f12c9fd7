/** The socket that the client of the translation service needs, as an interface, so that tests can drive the client without one. */

export interface ServiceSocket {
  send(text: string): void;
  /** Bytes that were sent and are still buffered, as the network has not taken them yet (`bufferedAmount` of a WebSocket). */
  readonly bufferedBytes: number;
  /** Asks the service to close the connection. It may never answer. */
  close(): void;
  /** Ends the connection without asking. */
  terminate(): void;
}

/** Why a connection ended, or was never made. */
export type Ending =
  | { type: 'closed'; code: number; reason: string }
  /** The upgrade was answered with another status than 101. */
  | { type: 'refused'; status: number; body: string }
  /** `code` is the operating system's error code: `ECONNREFUSED`, `ENOTFOUND`, … */
  | { type: 'unreachable'; code: string; message: string };

export interface SocketListener {
  opened(): void;
  received(text: string): void;
  /** A binary frame arrived, for which the protocol has no use. */
  receivedBinary(): void;
  /** The network has taken something: there may be room for more. */
  drained(): void;
  /** Called once, as the last call. */
  ended(ending: Ending): void;
}

/** Starts to connect. The listener is not called before this returns. */
export type Dial = (listener: SocketListener) => ServiceSocket;

/** The service at the other end, as error messages name it. */
export interface ServiceEndpoint {
  /** Host and port. */
  host: string;
  /** How sentences about it begin. Default: "The translation service at" its host. */
  name?: string;
  /** Never shown, even if the service itself repeats it. */
  key?: string;
  /** Default: Booth's environment variables. */
  settingNames?: SettingNames;
}

/** How the settings of the service are called where people set them, for errors that name the one to check. */
export interface SettingNames {
  readonly key: string;
  readonly model: string;
  readonly url: string;
}

/** As the developers of a host write them. */
export const optionNames: SettingNames = { key: 'engine.key', model: 'engine.model', url: 'engine.url' };

export const environmentNames: SettingNames = {
  key: 'DASHSCOPE_API_KEY',
  model: 'BOOTH_LIVETRANSLATE_MODEL',
  url: 'BOOTH_LIVETRANSLATE_URL',
};
