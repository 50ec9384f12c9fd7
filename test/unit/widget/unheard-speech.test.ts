/** What somebody is told of that they said while the connection was interrupted. */
import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../client-widget/media/room-state.ts';
import { UnheardSpeech } from '../../../client-widget/meeting/unheard-speech.ts';

const joined: ConnectionState = { is: 'joined', mediaLost: false };
const mediaLost: ConnectionState = { is: 'joined', mediaLost: true };
const rejoining: ConnectionState = { is: 'rejoining', reason: { code: 'lost', message: '' }, delayMs: 1_000 };
const SPEECH = 0.6;

/** Somebody in a room. */
function setUp() {
  const unheard = new UnheardSpeech();
  unheard.pushConnection({ is: 'joining' }, 0);
  unheard.pushLevel(SPEECH, 500);
  unheard.pushConnection(joined, 1_000);
  return unheard;
}

describe('who speaks while nothing gets through', () => {
  it('is told for how long, from before it was noticed to when sound gets through again', () => {
    const unheard = setUp();
    unheard.pushLevel(SPEECH, 9_000);
    unheard.pushConnection(mediaLost, 10_000);
    unheard.pushConnection(joined, 12_000);
    expect(unheard.seconds.value).toBe(6);
    unheard.dismiss();
    expect(unheard.seconds.value).toBe(undefined);
  });

  it('is told of the whole time where the page had to join again', () => {
    const unheard = setUp();
    unheard.pushConnection(mediaLost, 10_500);
    unheard.pushLevel(SPEECH, 15_000);
    for (const ms of [13_000, 14_000]) unheard.pushConnection(rejoining, ms);
    unheard.pushConnection(joined, 17_000);
    expect(unheard.seconds.value).toBe(10);
  });

  it('is told nothing where they were silent or muted, or spoke before and after', () => {
    const unheard = setUp();
    unheard.pushLevel(SPEECH, 5_000);
    unheard.pushLevel(0, 9_000);
    unheard.pushConnection(rejoining, 10_000);
    unheard.pushLevel(0.05, 11_000);
    unheard.pushConnection(joined, 12_000);
    unheard.pushLevel(SPEECH, 13_000);
    unheard.pushConnection(joined, 14_000);
    expect(unheard.seconds.value).toBe(undefined);
  });

  it('before they have joined is told nothing', () => {
    const unheard = new UnheardSpeech();
    unheard.pushConnection(rejoining, 0);
    unheard.pushLevel(SPEECH, 1_000);
    unheard.pushConnection(joined, 2_000);
    expect(unheard.seconds.value).toBe(undefined);
  });
});
