import { describe, expect, it } from 'vitest';
import { ScriptedRoom } from '../../../../bench/support/scripted-room.ts';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import { person } from '../../../../bench/support/views.ts';
import { LanguageSuggestions } from '../../../../bot/demand/language-suggestions.ts';
import { qwen38 } from '../../../../config/models.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const spanish = { declared: 'en', language: 'es', text: 'Buenos días a todos.' };

function bench() {
  const room = new ScriptedRoom(new FakeClock(), person('ann'));
  const suggestions = new LanguageSuggestions({ connection: room, sources: qwen38.sources, log: silentLog });
  const hears = (understood = spanish, times = 2) => {
    for (let i = 0; i < times; i++) suggestions.push('ann', 'fr', understood);
  };
  return { room, hears };
}

describe('LanguageSuggestions', () => {
  it('ignores texts of a session that was opened for an earlier declaration', () => {
    const { room, hears } = bench();
    room.participants.set('ann', person('ann', { speaks: 'de' }));
    hears();
    expect(room.suggested).toEqual([]);
    hears({ ...spanish, declared: 'de' });
    expect(room.suggested).toEqual(['ann: es']);
  });

  it('ignores texts of speakers who have left', () => {
    const { room, hears } = bench();
    room.participants.delete('ann');
    hears();
    expect(room.suggested).toEqual([]);
  });

  it('does not repeat a suggestion that the room did not take', async () => {
    const { room, hears } = bench();
    let refusals = 0;
    room.suggest = async () => {
      refusals++;
      throw new Error('they have just left');
    };
    hears(spanish, 5);
    await Promise.resolve();
    expect(refusals).toBe(1);
  });
});
