package dev.skein.exchange;

import dev.skein.api.Problem;
import dev.skein.llm.LlmLimits;
import dev.skein.llm.LlmOutcome.Malformed;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A stream that leaves in one piece, collected up to the limit of a whole reply. */
final class HeldReply extends OutputStream {
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long size;

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    size += length;
    if (size <= LlmLimits.MAX_PASSED_REPLY_BYTES) {
      kept.write(bytes, offset, length);
    }
  }

  /** Why it cannot leave; empty when all of it was kept. */
  Optional<Problem> problem() {
    return size <= LlmLimits.MAX_PASSED_REPLY_BYTES
        ? Optional.empty()
        : OutcomeProblems.of(Malformed.tooLarge(size, LlmLimits.MAX_PASSED_REPLY_BYTES));
  }

  /** All of it, when there is no problem. */
  String text() {
    return kept.toString(StandardCharsets.UTF_8);
  }
}
