package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem;
import dev.skein.api.StreamedBody;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditTextBuilder;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.llm.LlmEvent;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmStream;
import dev.skein.llm.Usage;
import dev.skein.pricing.NanoUsd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A reply on its way from the model to the caller, piece by piece: a caller that reads slowly holds
 * the model back. It ends well only if the model's stream did. Written by one thread.
 */
final class ReplyStream implements StreamedBody {
  private final StartedExchange exchange;
  private final LlmStream events;
  private final StreamFormat format;
  private final AuditTextBuilder text;
  private LlmEvent next;
  private @Nullable Duration firstToken;
  private @Nullable Duration lastToken;
  private @Nullable ExchangeResult result;

  /**
   * A reply of which nothing has left yet.
   *
   * @param first the first of {@code events}
   */
  ReplyStream(StartedExchange exchange, LlmStream events, LlmEvent first, StreamFormat format) {
    this.exchange = exchange;
    this.text = exchange.config().textBuilder();
    this.events = events;
    this.next = first;
    this.format = format;
  }

  @Override
  public Deadline deadline() {
    return exchange.deadline();
  }

  @Override
  public void cancel() {
    events.close();
  }

  /** How it ended; a stream that nobody has written ends here. */
  ExchangeResult result() {
    if (result == null) {
      result = conclude(OutcomeProblems.of(new LlmOutcome.Abandoned()), rest());
    }
    return result;
  }

  @Override
  public Optional<Problem> writeTo(OutputStream out) {
    Optional<Problem> failure = writePieces(out);
    List<LlmResult> results = rest();
    Optional<Problem> problem =
        failure.or(
            () -> results.stream().findFirst().flatMap(it -> OutcomeProblems.of(it.outcome())));
    try {
      write(lastPiece(problem, results), out);
    } catch (IOException e) {
      problem = problem.or(() -> OutcomeProblems.of(new LlmOutcome.Abandoned()));
    } catch (RuntimeException bug) {
      problem = Optional.of(exchange.internal(bug));
    }
    result = conclude(problem, results);
    return problem;
  }

  /** Writes until the end, or until the caller has gone. */
  private Optional<Problem> writePieces(OutputStream out) {
    try {
      while (next instanceof Delta delta) {
        note(delta);
        write(format.piece(delta), out);
        next = events.next();
      }
      return Optional.empty();
    } catch (IOException e) {
      return OutcomeProblems.of(new LlmOutcome.Abandoned());
    } catch (RuntimeException bug) {
      // What has left cannot be taken back: the stream ends with an error, and so does the record.
      return Optional.of(exchange.internal(bug));
    }
  }

  /** The call's end, which is forced if it is not there yet; empty after a bug. */
  private List<LlmResult> rest() {
    events.close();
    try {
      while (true) {
        if (next instanceof End(LlmResult end)) {
          return List.of(end);
        }
        next = events.next();
      }
    } catch (RuntimeException bug) {
      return List.of();
    }
  }

  private String lastPiece(Optional<Problem> problem, List<LlmResult> results) {
    String requestId = exchange.intent().requestId();
    String auditId = exchange.intent().auditId();
    if (problem.isEmpty() && results.getFirst().outcome() instanceof Completed completed) {
      ObjectNode about = Json.object();
      about.set("usage", ExchangeResult.toJson(completed.usage()));
      about.put("cost_usd", exchange.cost(results).usd().map(NanoUsd::toString).orElse(null));
      return format.done(completed, about.put("request_id", requestId).put("audit_id", auditId));
    }
    return format.error(
        exchange
            .errors()
            .document(problem.orElseGet(Problem::internal), requestId, Optional.of(auditId)));
  }

  private ExchangeResult conclude(Optional<Problem> problem, List<LlmResult> results) {
    Rendered rendered =
        problem.<Rendered>map(Rendered.Failure::new).orElseGet(() -> new Rendered.Verbatim(""));
    var speed = new AuditRecord.StreamSpeed(Optional.ofNullable(firstToken), rate(results));
    return new ExchangeResult(
        exchange.intent(),
        results,
        exchange.cost(results),
        rendered,
        exchange.elapsed(),
        Optional.of(text.build()),
        Optional.of(speed));
  }

  private void note(Delta delta) {
    lastToken = exchange.elapsed();
    firstToken = firstToken == null ? lastToken : firstToken;
    text.add(delta.text());
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
