/** Half an hour with each of the models that the unit tests leave out. */
import { describe } from 'vitest';
import { qwen35, qwen38 } from '../../config/models.ts';
import { lastsHalfAnHour } from '../support/simulated-endurance.ts';

describe.each([qwen35, qwen38])('$dialect', ({ id }) => lastsHalfAnHour(id));
