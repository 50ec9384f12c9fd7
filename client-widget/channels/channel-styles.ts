/** The styles of `<booth-channels>`; pages adapt them with custom properties and `::part`. */
import { css } from 'lit';

export const channelStyles = css`
  * {
    box-sizing: border-box;
  }

  :host {
    display: block;
    color-scheme: var(--booth-channels-color-scheme, light dark);
    font: 400 0.9375rem / 1.4 var(--booth-channels-font, system-ui);
    --_paper: var(--booth-channels-paper, light-dark(oklch(0.985 0.004 85), oklch(0.2 0.009 70)));
    --_ink: var(--booth-channels-ink, light-dark(oklch(0.22 0.01 70), oklch(0.95 0.01 85)));
    --_quiet: var(--booth-channels-quiet, light-dark(oklch(0.41 0.012 70), oklch(0.76 0.012 80)));
    --_accent: var(--booth-channels-accent, light-dark(oklch(0.53 0.125 64), oklch(0.84 0.145 80)));
  }

  :host([overlay]) {
    position: fixed;
    inset-block-start: 1rem;
    inset-inline-end: 1rem;
    inline-size: min(22rem, 100% - 2rem);
    z-index: 900;
  }

  :host([hidden]),
  [hidden] {
    display: none;
  }

  .box {
    display: grid;
    grid-template-columns: 1fr minmax(3rem, 5rem);
    align-items: center;
    gap: 0.5rem 1rem;
    inline-size: min(100%, 26rem);
    padding: 0.75rem;
    border-radius: var(--booth-channels-radius, 0.5rem);
    background: var(--_paper);
    color: var(--_ink);
  }

  .wide {
    grid-column: 1 / -1;
  }

  p {
    margin: 0;
  }

  .quiet,
  .balance {
    color: var(--_quiet);
  }

  label,
  .balance {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-inline-size: 0;
  }

  select,
  button {
    min-block-size: 2.75rem;
    padding: 0 0.75rem;
    border: 1px solid var(--_quiet);
    border-radius: 0.375rem;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  select {
    flex: 1;
    min-inline-size: 0;
  }

  button {
    border-color: var(--_accent);
    font-weight: 600;
  }

  option {
    background: Canvas;
    color: CanvasText;
  }

  input {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 2.75rem;
    accent-color: var(--_accent);
  }

  meter {
    inline-size: 100%;
  }

  :focus-visible {
    outline: 2px solid var(--_ink);
    outline-offset: 2px;
  }
`;
