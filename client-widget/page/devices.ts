/** `<booth-devices>`: which microphone, camera and loudspeaker, where there are several to choose from. */
import { css, html, LitElement, nothing } from 'lit';
import { pageTexts } from '../i18n/page-texts.ts';
import type { LocalMedia, Picked } from '../media/local-media.ts';
import { Output } from '../media/audio-output.ts';
import { WishEvent } from '../meeting/action.ts';
import { select } from './select.ts';
import { shared } from './shared.ts';
import { Watching } from './store-controller.ts';

type Source = Picked | 'speaker';

const kinds: Record<Source, MediaDeviceKind> = {
  microphone: 'audioinput',
  camera: 'videoinput',
  speaker: 'audiooutput',
};

export class BoothDevices extends LitElement {
  static override properties = { local: { attribute: false }, picked: { attribute: false } };
  declare local: LocalMedia;
  /** By the browser's ids; empty: as the system has it. */
  declare picked: Record<Source, string>;

  constructor() {
    super();
    new Watching(this, () => [this.local.plugged]);
  }

  override render() {
    const sources: Source[] = ['microphone', 'camera', ...(Output.possible ? (['speaker'] as const) : [])];
    const lists = sources.map((source) => this.#one(source)).filter((list) => list !== nothing);
    return lists.length > 0 ? html`<div>${lists}</div>` : nothing;
  }

  #one(source: Source) {
    // Browsers that have not been asked for a device yet tell neither its id nor its name; the system's own has one of its own.
    const plugged = this.local.plugged.value.filter(
      ({ kind, deviceId }) => kind === kinds[source] && deviceId !== '' && deviceId !== 'default',
    );
    if (plugged.length < 2) return nothing;
    const say = pageTexts().device;
    const options = plugged.map(({ deviceId, label }, i) => ({ value: deviceId, label: label || say.unnamed(i + 1) }));
    const known = plugged.some(({ deviceId }) => deviceId === this.picked[source]);
    return html`
      <label for=${source}>${say[source]}</label>
      ${select({
        id: source,
        value: known ? this.picked[source] : '',
        options: [{ value: '', label: say.usual }, ...options],
        chosen: (id) => this.dispatchEvent(new WishEvent({ is: 'device', source, id })),
      })}
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }

      div {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: 0.5rem 1rem;
      }
    `,
  ];
}

customElements.define('booth-devices', BoothDevices);
