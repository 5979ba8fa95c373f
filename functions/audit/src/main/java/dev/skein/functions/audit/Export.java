package dev.skein.functions.audit;

import dev.skein.api.Problem;
import dev.skein.api.StreamedBody;
import dev.skein.base.Deadline;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * A body of many rows that is read and written piece by piece, in constant memory. If it cannot be
 * completed, its last row says so and the transfer is broken: it never looks complete.
 */
final class Export implements StreamedBody {
  private final List<String> first;
  private final Rows rows;
  private final Deadline deadline;
  private volatile boolean cancelled;

  /** What an export consists of. */
  interface Rows {
    /**
     * The next rows, each with its line end; empty at the end.
     *
     * @throws SdkException if they cannot be read, or an UncheckedIOException if the response was
     *     interrupted
     */
    List<String> next();

    /** A last row that says that rows are missing. */
    String incomplete(Problem problem);
  }

  /**
   * An export of these rows.
   *
   * @param first the first rows, which are already read
   * @param deadline when the last must have been written
   */
  Export(List<String> first, Rows rows, Deadline deadline) {
    this.first = first;
    this.rows = rows;
    this.deadline = deadline;
  }

  @Override
  public Optional<Problem> writeTo(OutputStream out) {
    try {
      return write(out);
    } catch (IOException e) {
      // The caller has disconnected.
      return Optional.empty();
    }
  }

  private Optional<Problem> write(OutputStream out) throws IOException {
    Problem problem;
    try {
      List<String> piece = first;
      while (!piece.isEmpty() && !cancelled && !deadline.hasPassed()) {
        out.write(String.join("", piece).getBytes(StandardCharsets.UTF_8));
        piece = rows.next();
      }
      if (piece.isEmpty()) {
        return Optional.empty();
      }
      problem = AuditProblems.timeUp();
    } catch (SdkException | UncheckedIOException e) {
      problem = deadline.hasPassed() ? AuditProblems.timeUp() : AuditProblems.unavailable();
    }
    out.write(rows.incomplete(problem).getBytes(StandardCharsets.UTF_8));
    return Optional.of(problem);
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public Deadline deadline() {
    return deadline;
  }
}
