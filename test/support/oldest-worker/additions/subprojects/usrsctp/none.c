/* A static library needs a source: what is linked is the dependency beside it. */
