package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Makes an {@link Attempt} of the body of an answer, while it comes. Not thread-safe. */
sealed interface ReplyReader permits WholeReply, StreamedReply {

  /**
   * Takes the next bytes.
   *
   * @return the pieces of the answer that they bring
   */
  List<Delta> read(ByteBuffer bytes);

  /** What it came to, as soon as nothing that may follow could change that. */
  Optional<Attempt> verdict();

  /** Whether all that is still missing is an end mark. */
  boolean finishing();

  /** What it comes to when the body ends here in due form. */
  Attempt ended();

  /**
   * What it comes to when the body breaks off here.
   *
   * @param what happened, in our words
   */
  Attempt brokenOff(String what);
}
