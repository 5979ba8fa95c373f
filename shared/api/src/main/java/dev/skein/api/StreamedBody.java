package dev.skein.api;

import dev.skein.base.Deadline;
import java.io.OutputStream;
import java.util.Optional;

/** A body that is written while it is produced, once. */
public non-sealed interface StreamedBody extends ApiResponse.Body {

  /**
   * Writes all of it, in whole pieces, each as soon as it is produced. It ends when the stream
   * fails: the caller has disconnected.
   *
   * @return why it broke off, which the body's last piece reports already; empty when it is whole
   */
  Optional<Problem> writeTo(OutputStream out);

  /** Stops producing: the caller has disconnected. Thread-safe. */
  void cancel();

  /** When the writing ends, unless the caller does not read. */
  Deadline deadline();
}
