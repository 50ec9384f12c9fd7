/**
 * The styles of `<booth-captions>`; pages adapt them with custom properties and `::part`. All lines have their place from the first word
 * on and nothing moves by itself, so that there is no motion to reduce.
 */
import { css } from 'lit';

export const captionStyles = css`
  * {
    box-sizing: border-box;
  }

  p {
    margin: 0;
  }

  /* Where a place is as wide as what is in it, it has room for a line, and not for a letter. */
  :host {
    contain: inline-size;
    contain-intrinsic-inline-size: calc(26 * var(--_base));
    min-inline-size: 0;
    max-inline-size: 100%;
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    align-items: center;
    gap: 0.25rem;
    color-scheme: var(--booth-captions-color-scheme, light dark);
    font: 500 0.9375rem / 1.35 var(--booth-captions-font, system-ui);
    --_paper: var(--booth-captions-paper, light-dark(oklch(0.995 0.004 85 / 0.88), oklch(0.13 0.008 70 / 0.88)));
    --_ink: var(--booth-captions-ink, light-dark(oklch(0.22 0.01 70), oklch(0.95 0.01 85)));
    --_quiet: var(--booth-captions-quiet, light-dark(oklch(0.41 0.012 70), oklch(0.76 0.012 80)));
    --_translation: var(--booth-captions-translation, light-dark(oklch(0.45 0.11 64), oklch(0.84 0.145 80)));
    --_original: var(--booth-captions-original, light-dark(oklch(0.4 0.06 245), oklch(0.82 0.045 240)));
    --_base: var(--booth-captions-size, clamp(1.25rem, 0.95rem + 1vi, 1.75rem));
  }

  :host([place='top']) {
    flex-direction: column-reverse;
  }

  /* What is beside the captions can be clicked. */
  :host([overlay]) {
    position: fixed;
    inset: 1rem;
    z-index: 900;
    pointer-events: none;
  }

  .box,
  .history .said {
    inline-size: min(100%, var(--booth-captions-width, 26em));
  }

  .box {
    font-size: calc(var(--_base) * var(--_scale));
    display: flex;
    flex-direction: column-reverse;
    min-block-size: 0;
    overflow: hidden;
    padding: 0.4em 0.7em 0.5em;
    border: 1px solid transparent;
  }

  .box,
  .controls {
    border-radius: var(--booth-captions-radius, 0.5rem);
    background: var(--_paper);
    color: var(--_ink);
    pointer-events: auto;
  }

  /* It keeps its place, and nothing is laid over a picture while nobody speaks. */
  .pause {
    visibility: hidden;
  }

  .rows {
    min-block-size: calc(var(--_lines) * 1lh);
  }

  .box.history {
    flex: 1;
    inline-size: 100%;
    overflow-y: auto;
    overscroll-behavior: contain;
  }

  :host([hidden]),
  [hidden] {
    display: none;
  }

  .history .said {
    margin-inline: auto;
  }

  .history .row + .row {
    margin-block-start: 0.25em;
  }

  .name {
    font-variant-caps: all-small-caps;
    letter-spacing: 0.04em;
  }

  .line {
    min-block-size: 1lh;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .block:dir(rtl) {
    line-height: 1.5;
  }

  .small,
  .name,
  .correction,
  .refusal,
  .notice,
  .hint {
    font-size: max(0.68em, 0.9375rem);
    font-weight: 400;
  }

  .original {
    color: var(--_original);
  }

  .original.large {
    color: var(--_ink);
  }

  .translation,
  .correction {
    color: var(--_translation);
  }

  .tentative,
  .name,
  .refusal,
  .notice,
  .hint {
    color: var(--_quiet);
  }

  .probe {
    position: absolute;
    visibility: hidden;
    inline-size: 1ch;
    block-size: 0;
  }

  .controls {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 0.25rem;
  }

  @media (hover: hover) {
    :host(:not(:hover, :focus-within)) .controls:not([open]) {
      opacity: 0;
    }
  }

  button,
  select {
    display: grid;
    place-items: center;
    min-inline-size: 2.75rem;
    min-block-size: 2.75rem;
    border: 1px solid transparent;
    border-radius: inherit;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  button:hover {
    border-color: currentColor;
  }

  :focus-visible {
    outline: 2px solid var(--_ink);
    outline-offset: 2px;
  }

  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media print {
    .box {
      overflow: visible;
    }
  }

  @media (forced-colors: active) {
    .tentative {
      text-decoration: underline dotted;
    }
  }
`;
