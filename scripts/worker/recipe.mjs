/**
 * How mediasoup-worker is built from the C++ source in the mediasoup package: what from Debian, what is changed, what is
 * added (`additions`), which options. A cached worker counts as long as nothing in this folder changes.
 */

export const TOOLS = ['g++', 'meson', 'ninja-build', 'pkgconf', 'flatbuffers-compiler'];

/** Their static libraries and headers. */
export const LIBRARIES = ['libabsl-dev', 'libflatbuffers-dev', 'libssl-dev', 'libuv1-dev'];

/** Built from its source: Debian's binary needs NSS, of which there is no static library. */
export const SRTP = 'libsrtp2';

/** Changes in a copy of mediasoup's files. */
export const EDITS = [
  {
    // Debian 12 has meson 1.0, and nothing newer is used.
    file: 'meson.build',
    from: "meson_version: '>= 1.1.0'",
    to: "meson_version: '>= 1.0.0'",
  },
  {
    // Nearly halves the time to compile.
    file: 'meson.build',
    from: "  sources: common_sources + ['src/main.cpp'],",
    to: "  cpp_pch: 'precompiled/worker.hpp',\n  sources: common_sources + ['src/main.cpp'],",
  },
  {
    // OpenSSL says "returned from" as a bit beside the operation. Without this every BIO_ctrl() on that BIO answers 1, an
    // OpenSSL that can leave TLS to the kernel believes that the kernel does it here, allocates no buffer to write to, and
    // the worker dies at the first DTLS handshake.
    file: 'src/RTC/DtlsTransport.cpp',
    from: '(operationType == BIO_CB_RETURN) ?',
    to: '((operationType & BIO_CB_RETURN) != 0) ?',
  },
];

/** Optimised, downloading nothing, and depending on nothing but the C library. */
export const MESON_OPTIONS = [
  '--wrap-mode=nodownload',
  '--buildtype=release',
  '-Db_ndebug=true',
  '-Dprefer_static=true',
  '-Dcpp_link_args=-static-libstdc++ -static-libgcc',
];
