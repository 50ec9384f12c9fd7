/** `<booth-devices>`: selects microphone, camera and loudspeaker, where there are several. */
import { css, html, LitElement, nothing } from 'lit';
import { pageTexts } from '../i18n/page-texts.ts';
import type { LocalMedia, SelectableSource } from '../media/local-media.ts';
import { LoudspeakerOutput } from '../media/loudspeaker-output.ts';
import { ActionEvent } from '../meeting/action.ts';
import { select } from './select.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

type Source = SelectableSource | 'speaker';

const kinds: Record<Source, MediaDeviceKind> = {
  microphone: 'audioinput',
  camera: 'videoinput',
  speaker: 'audiooutput',
};

class BoothDevices extends LitElement {
  static override properties = { local: { attribute: false }, deviceIds: { attribute: false } };
  declare local: LocalMedia;
  /** The chosen devices by the browser's ids; empty: the system's default. */
  declare deviceIds: Record<Source, string>;

  constructor() {
    super();
    new StoreController(this, () => [this.local.plugged]);
  }

  override render() {
    const sources: Source[] = [
      'microphone',
      'camera',
      ...(LoudspeakerOutput.isSupported ? (['speaker'] as const) : []),
    ];
    const lists = sources.map((source) => this.#one(source)).filter((list) => list !== nothing);
    return lists.length > 0 ? html`<div>${lists}</div>` : nothing;
  }

  #one(source: Source) {
    // Before a permission, browsers give devices neither id nor name; the system's default has the id `default`.
    const plugged = this.local.plugged.value.filter(
      ({ kind, deviceId }) => kind === kinds[source] && deviceId !== '' && deviceId !== 'default',
    );
    if (plugged.length < 2) return nothing;
    const texts = pageTexts().device;
    const options = plugged.map(({ deviceId, label }, i) => ({
      value: deviceId,
      label: label || texts.unnamed(i + 1),
    }));
    const known = plugged.some(({ deviceId }) => deviceId === this.deviceIds[source]);
    return html`
      <label for=${source}>${texts[source]}</label>
      ${select({
        id: source,
        value: known ? this.deviceIds[source] : '',
        options: [{ value: '', label: texts.usual }, ...options],
        chosen: (id) => this.dispatchEvent(new ActionEvent({ is: 'device', source, id })),
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
