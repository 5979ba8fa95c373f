package dev.skein.api;

import dev.skein.base.Deadline;
import java.io.OutputStream;
import java.util.Optional;

/** A body that is written while it comes into being, once. */
public non-sealed interface StreamedBody extends ApiResponse.Body {

  /**
   * Writes all of it, in whole pieces, each as soon as it is there. A stream that fails ends it:
   * its caller has gone.
   *
   * @return why it broke off, which the caller has been told in its own form already; empty when it
   *     is whole
   */
  Optional<Problem> writeTo(OutputStream out);

  /** The caller has gone: nothing more is to be made for it. Any thread may say so. */
  void cancel();

  /** When the writing is over, unless the caller does not read. */
  Deadline deadline();
}
