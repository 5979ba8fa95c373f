package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Problem;
import dev.skein.api.StreamedBody;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.exchange.ModelJob.Rendered;
import dev.skein.llm.LlmEvent;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmStream;
import dev.skein.llm.Usage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * An answer on its way from the model to the caller, a piece at a time: who reads slowly holds the
 * model back. It never ends well unless the model has. Written by one thread.
 */
final class AnswerStream implements StreamedBody {

  /**
   * Whose answer it is.
   *
   * @param start of the request, on the clock of {@code world}
   */
  record Origin(
      AuditRecord intent,
      ErrorFormat errors,
      Deadline deadline,
      long start,
      AuditedExchange.World world,
      AuditConfig config,
      Log log) {

    Duration elapsed() {
      return Duration.ofNanos(world.nanoTime().getAsLong() - start);
    }
  }

  private final Origin origin;
  private final LlmStream events;
  private final StreamJob.Format format;
  private final StringBuilder seen = new StringBuilder();
  private LlmEvent next;
  private @Nullable Duration firstToken;
  private @Nullable Duration lastToken;
  private @Nullable Ending ending;

  /**
   * An answer of which nothing has left yet.
   *
   * @param first the first of {@code events}
   */
  AnswerStream(Origin origin, LlmStream events, LlmEvent first, StreamJob.Format format) {
    this.origin = origin;
    this.events = events;
    this.next = first;
    this.format = format;
  }

  /**
   * Waits for what a call brings.
   *
   * @throws RuntimeException when the invocation was interrupted, or a fault of ours came instead
   */
  static <T> T await(CompletableFuture<T> coming) {
    try {
      return coming.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the invocation was interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException bug ? bug : new IllegalStateException(e);
    }
  }

  @Override
  public Deadline deadline() {
    return origin.deadline();
  }

  @Override
  public void cancel() {
    events.close();
  }

  /** How it ended; a stream that nobody has written ends here. */
  Ending ending() {
    if (ending == null) {
      ending = conclude(OutcomeProblems.of(new LlmOutcome.Abandoned()), rest());
    }
    return ending;
  }

  @Override
  public Optional<Problem> writeTo(OutputStream out) {
    Optional<Problem> fault = pieces(out);
    List<LlmResult> results = rest();
    Optional<Problem> problem =
        fault.or(
            () -> results.stream().findFirst().flatMap(it -> OutcomeProblems.of(it.outcome())));
    try {
      write(lastPiece(problem, results), out);
    } catch (IOException e) {
      problem = problem.or(() -> OutcomeProblems.of(new LlmOutcome.Abandoned()));
    }
    ending = conclude(problem, results);
    return problem;
  }

  /** Until the end, or until nobody wants more. */
  private Optional<Problem> pieces(OutputStream out) {
    try {
      while (next instanceof Delta delta) {
        note(delta);
        write(format.piece(delta), out);
        next = await(events.next());
      }
      return Optional.empty();
    } catch (IOException e) {
      return OutcomeProblems.of(new LlmOutcome.Abandoned());
    } catch (RuntimeException bug) {
      return Optional.of(fault(bug));
    }
  }

  /** What has left cannot be taken back: the stream has to tell of the fault, and the trail. */
  private Problem fault(RuntimeException bug) {
    origin.log().bug("bug", bug, line -> line.put("request_id", origin.intent().requestId()));
    return Problem.internal();
  }

  /** The call's end, which comes at once when it is not there yet; empty after a fault of ours. */
  private List<LlmResult> rest() {
    events.close();
    try {
      while (true) {
        if (next instanceof End(LlmResult result)) {
          return List.of(result);
        }
        next = await(events.next());
      }
    } catch (RuntimeException bug) {
      return List.of();
    }
  }

  private String lastPiece(Optional<Problem> problem, List<LlmResult> results) {
    String requestId = origin.intent().requestId();
    String auditId = origin.intent().auditId();
    if (problem.isEmpty() && results.getFirst().outcome() instanceof Completed completed) {
      ObjectNode about = Json.object();
      about.set("usage", Ending.toJson(completed.usage()));
      return format.done(completed, about.put("request_id", requestId).put("audit_id", auditId));
    }
    return format.error(
        origin
            .errors()
            .document(problem.orElseGet(Problem::internal), requestId, Optional.of(auditId)));
  }

  private Ending conclude(Optional<Problem> problem, List<LlmResult> results) {
    Rendered rendered =
        problem.<Rendered>map(Rendered.Failure::new).orElseGet(() -> new Rendered.Passed(""));
    var speed = new AuditRecord.Streamed(Optional.ofNullable(firstToken), rate(results));
    return new Ending(
        origin.intent(),
        results,
        rendered,
        origin.elapsed(),
        Optional.of(new Ending.Streamed(origin.config().preview(seen.toString()), speed)));
  }

  private void note(Delta delta) {
    lastToken = origin.elapsed();
    firstToken = firstToken == null ? lastToken : firstToken;
    if (seen.length() < 2 * origin.config().previewChars()) {
      seen.append(delta.text());
    }
  }

  /** The tokens after the first, over the time that they took. */
  private OptionalDouble rate(List<LlmResult> results) {
    Duration first = firstToken;
    Duration last = lastToken;
    if (first == null
        || last == null
        || results.isEmpty()
        || !(results.getFirst().outcome() instanceof Completed completed)) {
      return OptionalDouble.empty();
    }
    long nanos = last.minus(first).toNanos();
    long tokens = completed.usage().map(Usage::completionTokens).orElse(0L);
    return tokens < 2 || nanos <= 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((tokens - 1) * 1e9 / nanos);
  }

  private static void write(String piece, OutputStream out) throws IOException {
    if (!piece.isEmpty()) {
      out.write(piece.getBytes(StandardCharsets.UTF_8));
    }
  }
}
