/**
 * Ends the process that imports it when the parent that asked for it was killed. A setup file of every project, so that the worker in which
 * a test waits does not outlive its run; and the first import of programs that tests start.
 */
import { endWithParent } from '../../process/parent-watchdog.mjs';

endWithParent();
