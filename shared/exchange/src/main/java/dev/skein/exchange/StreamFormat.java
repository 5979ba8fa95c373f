package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;

/** How a route writes a streamed reply, as server-sent events. Thread-safe. */
public interface StreamFormat {

  /** A piece of the reply. */
  String piece(Delta delta);

  /**
   * The end of a complete reply.
   *
   * @param about {@code usage}, {@code cost_usd}, {@code request_id} and {@code audit_id}; may be
   *     modified
   */
  String done(Completed completed, ObjectNode about);

  /**
   * The end of a reply that failed.
   *
   * @param document the problem, in the route's own error format
   */
  String error(ObjectNode document);
}
