/** `<booth-icon>`: a Lucide icon in the size of the surrounding text. Hidden from screen readers: a text or label beside it names it. */
import { css, LitElement } from 'lit';
import { createElement, type IconNode } from 'lucide';

class BoothIcon extends LitElement {
  static override properties = { icon: { attribute: false } };
  static override styles = css`
    :host {
      display: inline-flex;
      flex: none;
      inline-size: 1.25em;
      block-size: 1.25em;
      vertical-align: -0.25em;
    }
    svg {
      inline-size: 100%;
      block-size: 100%;
    }
  `;

  declare icon: IconNode;

  override render() {
    return createElement(this.icon, { 'aria-hidden': 'true', 'stroke-width': '1.75' });
  }
}

customElements.define('booth-icon', BoothIcon);
