import { describe, expect, it } from 'vitest';
import { requireNode } from '../../../process/require-node.ts';

describe('the packages', () => {
  it.each(['18.20.4', '20.19.0', '21.7.3'])('say that Node %s is too old', (version) => {
    expect(() => requireNode(version)).toThrow(`need Node 22 or newer, and this is ${version}`);
  });

  it.each(['22.0.0', '24.1.0', '100.0.0'])('run on Node %s', (version) => {
    expect(() => requireNode(version)).not.toThrow();
  });
});
