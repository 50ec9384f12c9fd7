/** Three minutes with each generation of the simulated vendor, in fake time, in which everything goes wrong that can. */
import { describe } from 'vitest';
import { qwen3, qwen35, qwen38 } from '../../config/models.ts';
import { holdsInChaos } from '../support/chaos-meetings.ts';

describe.each([qwen3, qwen35, qwen38])('$dialect', ({ id }) => holdsInChaos(id, 180_000));
