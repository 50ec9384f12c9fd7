/** What Vite makes of an import: a worker that needs no file of its own. */
declare module '*?worker&inline' {
  const InlineWorker: new () => Worker;
  export default InlineWorker;
}
