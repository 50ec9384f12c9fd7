/** A received RTP packet of a track, with its header parsed. */
export interface ReceivedPacket {
  sequenceNumber: number;
  /** The RTP timestamp in units of the codec's clock rate, which is 48 kHz for Opus. */
  timestamp: number;
  payload: Buffer;
  /** Audio level in −dBov, from 0 (loudest) to 127 (silence) (RFC 6464); undefined where the sender does not send it. */
  audioLevel: number | undefined;
}

export interface ReceivedVideoPacket extends ReceivedPacket {
  /** The last packet of a video frame, or the first packet of speech after silence. */
  marker: boolean;
}
