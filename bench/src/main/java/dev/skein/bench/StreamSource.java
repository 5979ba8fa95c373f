package dev.skein.bench;

import java.io.IOException;

/** Where the same streamed reply can be read: at the model, at the function, at the front door. */
@FunctionalInterface
interface StreamSource {

  /** Asks once, and reads to the end. */
  TokenStream stream() throws IOException, InterruptedException;
}
