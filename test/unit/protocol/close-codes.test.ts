import { CloseCode, closeCodeName, finalCloseCodes } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';

describe('close codes', () => {
  it('have one name each', () => {
    for (const [name, code] of Object.entries(CloseCode)) expect(closeCodeName(code)).toBe(name);
  });

  it('have no name where the connection was lost', () => {
    expect(closeCodeName(1006)).toBeUndefined();
  });

  it('are final where joining again with the same token fails', () => {
    const rejoined = Object.values(CloseCode).filter((code) => !finalCloseCodes.has(code));
    expect(rejoined).toEqual([CloseCode.goingAway, CloseCode.tooLarge, CloseCode.tooMany]);
  });
});
