import { defineConfig, type Plugin } from 'vite';

/** The pages, and for everybody else's pages `widget.js` and `meeting.js`, which share no file with them. */
const PRELOAD = '\0vite/preload-helper.js';

/** A style sheet without what means nothing: comments, spaces, last semicolons, leading zeros. */
const packed = (css: string) => {
  if (css.includes('${')) throw new Error(`The widget's styles stand in one piece: ${css.slice(0, 200)}`);
  return css
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/(`)\s+|\s*([{};,/*])\s*|(:)\s+/g, '$1$2$3')
    .replaceAll(';}', '}')
    .replace(/\b0\./g, '.');
};

/**
 * Parts of Lit that the widget does not need and that are removed from the bundle. If a pattern does not match a later version, the bundle
 * is only larger.
 */
const UNNEEDED: readonly (readonly [what: RegExp, instead: string])[] = [
  // Its versions, and what `css` and `html` take, for developers of components.
  [/\(\w+\.\w+Versions\?\?=\[\]\)\.push\([^)]*\)/, '0'],
  [/Error\("(CSSResult is|Value passed)[^)]*\)/g, 'Error("css")'],
  [/Error\("invalid template strings array"\)/, 'Error("html")'],
  // Decorators.
  [/Symbol\.metadata\?\?=.*?new WeakMap;/, ''],
  [/const \w+=this\[Symbol\.metadata\];if\(null!==\w+\)\{.*?set\(\w+,\w+\)\}/, ''],
  [/static addInitializer\(.*?push\(\w+\)\}/, ''],
  [/void 0!==(\w+)\.l&&\(this\.l=\[\.\.\.\1\.l\]\),/, ''],
  [/,this\.constructor\.l\?\.forEach\(\w+=>\w+\(this\)\)/, ''],
  // Older browsers than those that the widget is for.
  [/\w+\.(litHtml|litElement|reactiveElement)(PolyfillSupport|HydrateSupport)/g, 'undefined'],
  [/\w+\.ShadowRoot&&.*?"replace"in CSSStyleSheet\.prototype/, 'true'],
  // Templates that are SVG or MathML, directives, and expressions in comments, in raw text, or in the place of an attribute's name.
  [/2===\w+\?"<svg>":3===\w+\?"<math>":""/, '""'],
  [/\+\(2===\w+\?"<\/svg>":3===\w+\?"<\/math>":""\)/, ''],
  [/if\((this\.el=.{0,80}?),2===(\w+)\|\|3===\2\)\{.*?childNodes\)\}/, '$1;'],
  [/(function \w+\(\w+,(\w+),\w+=\w+,\w+\)\{)if.*?,\2\}(?=class)/, '$1return $2}'],
  [/else \w+\.startsWith\(\w+\)&&\(.*?type:6.*?removeAttribute\(\w+\)\);/, ''],
  [/:6===\w+\.type&&\(\w+=new \w+\(\w+,this,\w+\)\)/, ':0'],
  [/if\(\w+\.test\(\w+\.tagName\)\)\{.*?\}\}(?=\}else)/, ''],
  [/else\{let \w+=-1;for\(.*?type:7.*?\.length-1\}/, ''],
  // What tells directives whether the element is in the document.
  [/get _\$AU\(\)\{.*?\}/g, ''],
  [/get (tagName|startNode|endNode)\(\)\{.*?\}/g, ''],
  [/setConnected\(\w+\)\{.*?\)\)\}/, ''],
  [/connectedCallback\(\)\{super\.connectedCallback\(\),this\._\$Do\?.*?\}disconnectedCallback\(\)\{.*?\}/, ''],
  [/,this\._\$Cv=\w+\?\.isConnected\?\?!0/, ''],
  [/this\.hasUpdated\|\|\(this\.renderOptions\.isConnected=this\.isConnected\),/, ''],
  [/for\(this\._\$AP\?\.\(!1,!0,\w+\);/, 'for(;'],
  // Controllers, and attributes that hold JSON.
  [/addController\(.*?removeController\(.*?delete\(\w+\)\}/, ''],
  [/this\._\$EO\?\.forEach\(\w+=>\w+\.host\w+\?\.\(\)\)/g, '0'],
  [/case Object:case Array:.*?(?=\}return)/g, ''],
  // Styles put together from several: each element has a sheet of its own, in one piece.
  [/1===(\w+)\.length\?\1\[0\]:\w+\.reduce\(.*?,\1\[0\]\)/, '$1[0]'],
];

const lighter = (code: string) => UNNEEDED.reduce((rest, [what, instead]) => rest.replace(what, instead), code);

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
  applyToEnvironment: ({ name }) => name !== 'client',
  load: (id) => (id === PRELOAD ? 'export const __vitePreload = (load) => load();' : undefined),
  transform: (code, id) =>
    id.endsWith('.ts') ? code.replace(/css`[^`]*`/g, packed).replace(/\n\s+/g, '\n') : lighter(code),
  renderChunk: direct,
};

// Lit has another build for developers, which is taken where NODE_ENV says anything else.
process.env.NODE_ENV = 'production';

export default defineConfig({
  root: import.meta.dirname,
  // Pages refer to their files relatively: a proxy may serve them under a path.
  base: './',
  plugins: [lean],
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The server's Content-Security-Policy allows nothing that is inline.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  builder: {
    async buildApp({ build, environments: { client, widget, meeting } }) {
      if (client) await build(client);
      if (widget) await build(widget);
      if (meeting) await build(meeting);
    },
  },
  environments: {
    client: {
      build: {
        emptyOutDir: true,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: ['index.html', 'overlay.html', 'listen.html', 'admin.html'] },
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
    // It imports `widget.js` as it is, so that the elements are the same with it and without it, and no heavier.
    meeting: {
      consumer: 'client',
      build: {
        emptyOutDir: false,
        copyPublicDir: false,
        modulePreload: false,
        rolldownOptions: {
          input: 'meeting.ts',
          external: /widget\.ts$/,
          preserveEntrySignatures: 'strict',
          output: { entryFileNames: 'meeting.js', paths: () => './widget.js' },
        },
      },
    },
  },
});
