package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Interprets the body of a reply while it is received. Not thread-safe. */
sealed interface ReplyReader permits WholeReply, StreamedReply, DetectedReply {

  /**
   * Reads the next bytes.
   *
   * @return the parts of the answer that they add
   */
  List<Delta> read(List<ByteBuffer> bytes);

  /**
   * Reads what the body's last event has, if only its end is missing. The body has ended as HTTP
   * has it.
   *
   * @return the parts of the answer that it adds
   */
  List<Delta> readRest();

  /** The result, once nothing that may follow could change it. */
  Optional<AttemptResult> earlyResult();

  /** How many pieces of an answer, or of the model's thinking, there were so far. */
  long tokens();

  /** Whether the answer is complete but for the mark that ends it. */
  boolean lacksOnlyEndMark();

  /**
   * How long to wait for more of an answer that lacks only its end mark.
   *
   * @param stall how long between two pieces of an answer that lacks more
   */
  Duration endMarkLimit(Duration stall);

  /** The result if the body ends here as HTTP has it. */
  AttemptResult ended();

  /**
   * The result if the body breaks off here.
   *
   * @param reason in our words
   */
  AttemptResult brokenOff(String reason);
}
