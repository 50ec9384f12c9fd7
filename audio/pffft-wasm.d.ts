/** What is used of PFFFT's WebAssembly build, which brings no types. Pointers are byte offsets in its memory. */
declare module '@echogarden/pffft-wasm/simd' {
  interface Pffft {
    HEAPF32: Float32Array<ArrayBuffer>;
    /** @param kind 0 for real numbers */
    _pffft_new_setup(size: number, kind: 0 | 1): number;
    _pffft_aligned_malloc(bytes: number): number;
    /** @param direction 0 for the forward transform */
    _pffft_transform_ordered(setup: number, input: number, output: number, work: number, direction: 0 | 1): void;
  }
  export default function createPffft(): Promise<Pffft>;
}
