/** The names that participants have in a room, whatever their tokens and they themselves say. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, join, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';

describe('the name of a participant', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });
  afterEach(() => server.close());

  const nameOf = async (who: Parameters<typeof person>[1], options: { name?: string } = {}) => {
    const client = await join(server, person('ann', who), options);
    const { name } = client.reply.you;
    client.leave();
    return name;
  };

  it('is marked where it says that they are the interpreter or a host, and they are not', async () => {
    expect(await nameOf({ name: 'Interpreter' })).toBe('Interpreter (person)');
    expect(await nameOf({}, { name: 'المضيف' })).toBe('المضيف (ضيف)');
    expect(await nameOf({ name: 'Host', grants: ['publish', 'subscribe', 'host'] })).toBe('Host');
    expect(await nameOf({ name: 'Interpreter', grants: ['interpret', 'subscribe'] })).toBe('Interpreter');
  });

  it('has nothing in it that cannot be seen, nor anything that turns the text around it', async () => {
    expect(await nameOf({}, { name: ' A\u200bnn\u202e\u0007  Lee ' })).toBe('Ann Lee');
    expect(await nameOf({ name: '\u200b\u2060' })).toBe('ann');
    const client = await connect(server, tokenOf(person('bob')));
    await expect(client.join({ name: '\u200b\u202e' })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('at least one character that can be seen'),
    });
    client.leave();
  });
});
