import { defineConfig, type Plugin } from 'vite';

/** The pages, and for everybody else's pages `widget.js`, which shares no file with them. */
const PRELOAD = '\0vite/preload-helper.js';

/** A style sheet without what means nothing: spaces, last semicolons, leading zeros. */
const packed = (css: string) =>
  css
    .replace(/(`)\s+|\s*([{};,])\s*|(:)\s+/g, '$1$2$3')
    .replaceAll(';}', '}')
    .replace(/\b0\./g, '.');

/**
 * Lit tells the page its versions, and what `css` takes: of use to developers of components alone. It asks whether there are style sheets
 * to adopt, and whether something stands in for what a browser lacks: every browser that the widget is for has all of it. And it knows
 * decorators, which nothing here has.
 */
const discreet = (code: string) =>
  code
    .replace(/\(\w+\.\w+Versions\?\?=\[\]\)\.push\([^)]*\)/, '0')
    .replace(/Symbol\.metadata\?\?=.*?new WeakMap;/, '')
    .replace(/const \w+=this\[Symbol\.metadata\];if\(null!==\w+\)\{.*?set\(\w+,\w+\)\}/, '')
    .replace(/\w+\.(litHtml|litElement|reactiveElement)(PolyfillSupport|HydrateSupport)/g, 'undefined')
    .replace(/\w+\.ShadowRoot&&.*?"replace"in CSSStyleSheet\.prototype/, 'true')
    .replace(/Error\("(CSSResult is|Value passed)[^)]*\)/g, 'Error("css")');

/** An import as it is: nothing has to be loaded beside what it names. */
const direct = (code: string) =>
  code.replace(
    /__vitePreload\((?:async )?\(\) => (?:\{\s*const \{ \w+ \} = await )?(import\("[^"]+"\))(?:;\s*return \{ \w+ \};?\s*\})?, __VITE_PRELOAD__\)/g,
    '$1',
  );

/** The widget has what it needs at once in one file, and nothing to load beside it; indentation is of no use to a browser. */
const lean: Plugin = {
  name: 'lean-widget',
  enforce: 'pre',
  applyToEnvironment: ({ name }) => name === 'widget',
  load: (id) => (id === PRELOAD ? 'export const __vitePreload = (load) => load();' : undefined),
  transform: (code, id) =>
    id.endsWith('.ts') ? code.replace(/css`[^`]*`/g, packed).replace(/\n\s+/g, '\n') : discreet(code),
  renderChunk: direct,
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [lean],
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The server's Content-Security-Policy allows nothing that is inline.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  builder: {
    async buildApp({ build, environments: { client, widget } }) {
      if (client) await build(client);
      if (widget) await build(widget);
    },
  },
  environments: {
    client: {
      build: {
        emptyOutDir: true,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: ['index.html', 'overlay.html', 'listen.html'] },
      },
    },
    widget: {
      consumer: 'client',
      build: {
        emptyOutDir: false,
        copyPublicDir: false,
        modulePreload: false,
        rolldownOptions: {
          input: 'widget.ts',
          preserveEntrySignatures: 'allow-extension',
          output: { entryFileNames: 'widget.js', chunkFileNames: 'assets/widget-[name]-[hash:6].js' },
        },
      },
    },
  },
});
