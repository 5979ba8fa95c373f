package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * What one request wants of the model, whose answer is to leave as it comes.
 *
 * @param subject what the trail says of the request before any answer
 * @param timeout how long the caller would wait for the call
 * @param call starts the call, which does not run on after the deadline
 * @param format how the route writes its stream
 */
public record StreamJob(
    ModelJob.Subject subject,
    Optional<Duration> timeout,
    Function<Deadline, LlmStream> call,
    Format format) {

  /** How a route writes its stream, as server-sent events. Thread-safe. */
  public interface Format {

    /** A piece of the answer. */
    String piece(Delta delta);

    /**
     * The good end.
     *
     * @param about usage, {@code request_id} and {@code audit_id}, to be added to at will
     */
    String done(Completed completed, ObjectNode about);

    /**
     * The bad end.
     *
     * @param document of the problem, in the route's own format
     */
    String error(ObjectNode document);
  }
}
