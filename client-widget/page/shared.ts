/** Styles that all components share: buttons, lists, fields, notices and panels. */
import { css } from 'lit';

export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  [hidden] {
    display: none !important;
  }

  h1,
  h2,
  h3,
  p {
    margin: 0;
    text-wrap: pretty;
  }

  :focus-visible {
    outline: 2px solid var(--ink);
    outline-offset: 2px;
  }

  a {
    color: inherit;
    text-underline-offset: 0.2em;
  }

  button,
  select,
  textarea,
  input[type='text'],
  input[type='search'],
  input[type='number'] {
    font: inherit;
    color: inherit;
    min-block-size: 2.75rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: color-mix(in oklab, var(--surface), var(--background));
    transition:
      background-color var(--motion),
      border-color var(--motion);
  }

  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    padding: 0 1rem;
    cursor: pointer;
  }

  button:hover,
  select:hover {
    border-color: var(--ink-quiet);
  }

  button.primary {
    background: var(--ink);
    border-color: var(--ink);
    color: var(--background);
    font-weight: 600;
  }

  button.primary:hover {
    background: color-mix(in oklab, var(--ink), var(--background) 12%);
  }

  @media (forced-colors: active) {
    button.primary {
      forced-color-adjust: none;
    }
  }

  button:disabled {
    cursor: default;
    opacity: 0.6;
  }

  input[type='text'],
  input[type='search'],
  input[type='number'] {
    inline-size: 100%;
    padding: 0 0.75rem;
  }

  textarea {
    inline-size: 100%;
    min-block-size: 6rem;
    padding: 0.5rem 0.75rem;
    resize: vertical;
  }

  select {
    appearance: none;
    inline-size: 100%;
    padding-block: 0;
    padding-inline: 0.75rem 2.25rem;
    text-overflow: ellipsis;
    cursor: pointer;
  }

  .select {
    position: relative;
    display: block;
    min-inline-size: 0;
  }

  .select booth-icon {
    position: absolute;
    inset-inline-end: 0.75rem;
    inset-block-start: calc(50% - 0.6em);
    pointer-events: none;
    color: var(--ink-quiet);
  }

  option,
  optgroup {
    background: var(--background);
    color: var(--ink);
  }

  .quiet {
    color: var(--ink-quiet);
  }

  .small {
    font-size: 0.8125rem;
  }

  .notice {
    display: flex;
    gap: 0.75rem;
    align-items: flex-start;
    padding: 0.75rem 1rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--surface);
  }

  .notice > booth-icon {
    margin-block-start: 0.1em;
  }

  .notice > div {
    display: grid;
    gap: 0.5rem;
    min-inline-size: 0;
    justify-items: start;
    overflow-wrap: anywhere;
  }

  /* What a server says of itself begins small. */
  .notice p::first-letter {
    text-transform: uppercase;
  }

  .dismiss {
    min-block-size: 2.25rem;
    margin-block: -0.375rem;
    margin-inline: auto -0.625rem;
    padding: 0 0.625rem;
    border-color: transparent;
    background: none;
  }

  .notice.alert > booth-icon {
    color: var(--alert);
  }

  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** Code within a text. */
export const inlineCode = css`
  code {
    padding: 0.125rem 0.375rem;
    border-radius: 0.25rem;
    background: var(--surface);
    color: var(--ink);
    white-space: nowrap;
  }
`;

/** Styles of form fields with the label above, and of wrapping rows. */
export const fields = css`
  .field {
    display: grid;
    gap: 0.25rem;
  }

  .row,
  .codes {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 1rem;
  }

  .row input {
    flex: 1;
    min-inline-size: 0;
  }
`;

/** Styles of a panel that opens above the page. */
export const panel = css`
  .panel {
    inset: auto;
    margin: 0;
    inline-size: 24rem;
    max-inline-size: calc(100vw - 1.5rem);
    max-block-size: calc(100dvh - 6rem);
    padding: 1.25rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius-large);
    background: var(--background);
    color: var(--ink);
    box-shadow: var(--shadow);
    overflow-y: auto;
  }

  .panel:popover-open,
  .panel[open] {
    display: grid;
    gap: 1rem;
  }
`;

/** A panel that opens above the bar, and never reaches beyond the top of the page. */
export const panelAboveBar = css`
  .panel {
    --bar: 4.75rem;
    position: fixed;
    inset-block-end: var(--bar);
    inset-inline-end: 0.75rem;
    max-block-size: calc(100dvh - var(--bar) - 0.75rem);
  }

  /* A phone, where the bar has two rows. */
  @media (max-width: 40rem) {
    .panel {
      --bar: 8.5rem;
    }
  }

  /* A desktop at 400 %, where the bar is scrolled to. */
  @media (max-width: 30rem) and (max-height: 26rem), (max-height: 17rem) {
    .panel {
      --bar: 0.75rem;
    }
  }
`;
