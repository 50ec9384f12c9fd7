/** Half an hour with each generation of the simulated vendor, in fake time. */
import { describe } from 'vitest';
import { qwen3, qwen35, qwen38 } from '../../config/models.ts';
import { keepsTalking } from '../support/simulated-endurance.ts';

describe.each([qwen3, qwen35, qwen38])('half an hour with $dialect', ({ id }) => keepsTalking(id, 30));
