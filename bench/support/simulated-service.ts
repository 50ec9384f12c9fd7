/**
 * Connects the client under test to the simulated vendor in fake time, without sockets. Messages of either side reach the other after
 * `delayMs`, in order.
 */
import type { Dial, Ending, ServiceSocket } from '../../bot/session/livetranslate/socket.ts';
import type { Simulator } from '../../engine/scripted/simulator.ts';
import type { ServiceConnection } from '../../engine/wire/admission.ts';

export interface SimulatedDialOptions {
  model: string;
  key?: string;
  clock: { after(ms: number, run: () => void): () => void };
  /** The one-way network delay. Default: 20. */
  delayMs?: number;
}

export const simulatedDial =
  (simulator: Pick<Simulator, 'connect'>, { model, key, clock, delayMs = 20 }: SimulatedDialOptions): Dial =>
  (listener): ServiceSocket => {
    let service: ServiceConnection | undefined;
    let answersClose = true;
    let over = false;

    const later = (run: () => void): void => {
      clock.after(delayMs, run);
    };
    const end = (ending: Ending): void => {
      if (over) return;
      over = true;
      service?.close();
      listener.ended(ending);
    };
    const fromService = (run: () => void): void => later(() => !over && run());

    later(() => {
      if (over) return;
      const admission = simulator.connect({ model, ...(key !== undefined && { key }) });
      if ('status' in admission) {
        const { status, body } = admission;
        fromService(() => end({ type: 'refused', status, body: JSON.stringify(body ?? {}) }));
        return;
      }
      fromService(() => listener.opened());
      service = admission.open({
        send: (text) => fromService(() => listener.received(text)),
        close: (code, reason) => fromService(() => end({ type: 'closed', code, reason })),
        terminate: () => fromService(() => end({ type: 'closed', code: 1006, reason: '' })),
        ignoreClose() {
          answersClose = false;
        },
      });
    });

    return {
      send: (text) => later(() => !over && service?.receive(text)),
      bufferedBytes: 0,
      close() {
        later(() => {
          if (!over && answersClose) {
            service?.close();
            fromService(() => end({ type: 'closed', code: 1000, reason: '' }));
          }
        });
      },
      terminate() {
        clock.after(0, () => end({ type: 'closed', code: 1006, reason: '' }));
      },
    };
  };
