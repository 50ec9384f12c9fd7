import { offeredToken, signalSubprotocols } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';

/** The characters of which RFC 9110 makes the names of subprotocols. */
const name = /^[!#$%&'*+.^_`|~\w-]+$/;

describe('the token in the subprotocols', () => {
  it.each(['eyJh.eyJz-_.x', ''])('comes out as it went in: "%s"', (token) => {
    expect(offeredToken(signalSubprotocols(token).join(', '))).toBe(token);
  });

  it('is always a name that a WebSocket accepts, so that the server says what is wrong', () => {
    for (const subprotocol of signalSubprotocols('not a token, "at all" \n é')) expect(subprotocol).toMatch(name);
  });

  it.each([undefined, '', 'booth.v1', 'graphql-ws, booth.v1'])('is missing in %o', (header) => {
    expect(offeredToken(header)).toBeUndefined();
  });
});
