/**
 * Re-renders a component whenever a store that it reads, or the page's language, changes, for as long as it is on the page.
 *
 * @example
 *   new StoreController(this, () => [this.meeting.room.state]);
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { locale } from '../i18n/locale.ts';
import type { Watched } from '../state/store.ts';

export class StoreController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #sources: () => (Watched<unknown> | undefined)[];
  #watched: { source: Watched<unknown> | undefined; end: (() => void) | undefined }[] = [];

  /** @param sources called at every update, because the stores that a component reads may change */
  constructor(host: ReactiveControllerHost, sources: () => (Watched<unknown> | undefined)[] = () => []) {
    this.#host = host;
    this.#sources = sources;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    const sources = [locale, ...this.#sources()];
    if (sources.length === this.#watched.length && sources.every((source, i) => source === this.#watched[i]?.source))
      return;
    this.#end();
    this.#watched = sources.map((source) => ({ source, end: source?.watch(() => this.#host.requestUpdate()) }));
  }

  hostDisconnected(): void {
    this.#end();
  }

  #end(): void {
    for (const { end } of this.#watched) end?.();
    this.#watched = [];
  }
}
