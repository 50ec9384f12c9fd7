/** Meetings that the later models interpret, each part a process of its own. */
import { describe } from 'vitest';
import { qwen35, qwen38 } from '../../config/models.ts';
import { isInterpretedBy } from '../support/cloud-meeting.ts';

describe.each([qwen35, qwen38])('a meeting interpreted by $id', (model) => isInterpretedBy(model));
