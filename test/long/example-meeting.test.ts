/** The example application with an interpreter and the newest mediasoup-client. */
import { describe } from 'vitest';
import { isInterpreted, packsPackages } from '../support/example-visit.ts';

packsPackages();

describe('the application with an interpreter', () => isInterpreted('mediasoup-client'));
