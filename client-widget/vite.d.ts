/** The type of a Vite import with `?worker&inline`: a worker without a file of its own. */
declare module '*?worker&inline' {
  const InlineWorker: new () => Worker;
  export default InlineWorker;
}
