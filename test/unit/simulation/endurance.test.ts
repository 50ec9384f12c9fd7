/** A meeting of six minutes in fake time; half an hour of each is with the long tests. */
import { describe } from 'vitest';
import { qwen3 } from '../../../config/models.ts';
import { keepsTalking } from '../../support/simulated-endurance.ts';

describe(`six minutes with ${qwen3.dialect}`, () => keepsTalking(qwen3.id, 6));
