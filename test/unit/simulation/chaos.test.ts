/** Twenty seconds in which everything goes wrong that can, decided by a seed; longer meetings are with the long tests. */
import { describe } from 'vitest';
import { qwen3, qwen35, qwen38 } from '../../../config/models.ts';
import { holdsInChaos } from '../../support/chaos-meetings.ts';

describe.each([qwen3, qwen35, qwen38])('$dialect', ({ id }) => holdsInChaos(id, 20_000));
