package dev.skein.functions.analyze;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.JsonBody;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.exchange.AuditedExchange;
import dev.skein.exchange.AuditedExchange.Subject;
import dev.skein.exchange.Rendered;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code POST /summaries}: a summary of each text, at most {@code max_concurrent} calls in flight.
 * The results are in the order of the texts, each with its summary or its error: a failure affects
 * only its own text. Thread-safe.
 */
final class SummariesHandler implements Route.Handler {
  private static final int MAX_TEXTS = 100;
  private static final int MAX_CONCURRENT = 20;
  private static final int SHOWN_CHARACTERS = 30;

  private final LlmClient llm;
  private final AuditedExchange exchange;
  private final String model;

  SummariesHandler(LlmClient llm, AuditedExchange exchange, String model) {
    this.llm = llm;
    this.exchange = exchange;
    this.model = model;
  }

  @Override
  public ApiResponse handle(ApiRequest request, Deadline deadline) throws RefusedException {
    var body = JsonBody.of(request);
    List<String> texts = body.texts("texts", MAX_TEXTS, AnalyzeHandler.MAX_CHARACTERS);
    String style = body.choice("style", "sentence", List.of("sentence", "words"));
    int maxConcurrent = body.integer("max_concurrent", 5, 1, MAX_CONCURRENT);
    String userId = body.userId();
    Optional<Duration> timeout = body.timeout();
    body.check();

    Task task = style.equals("words") ? Task.SUMMARY_IN_WORDS : Task.SUMMARY;
    var requests = texts.stream().map(text -> task.of(text, model)).toList();
    return exchange.run(
        request,
        deadline,
        new Subject("/summaries", userId, model, String.join("\n", texts)),
        timeout,
        started -> {
          var results =
              BoundedFanOut.run(
                  maxConcurrent, requests, asked -> llm.complete(asked, started.deadline()));
          return started.reply(results, outcomes -> render(texts, outcomes));
        });
  }

  private static Rendered render(List<String> texts, List<LlmOutcome> outcomes) {
    ObjectNode body = Json.object();
    var results = body.putArray("results");
    var truncated = body.putArray("truncated");
    for (int i = 0; i < texts.size(); i++) {
      ObjectNode result = results.addObject().put("text", beginning(texts.get(i)));
      if (outcomes.get(i) instanceof Completed completed) {
        result.put("summary", completed.text().strip()).putNull("error");
        if (completed.truncated()) {
          truncated.add(i);
        }
      } else {
        result.putNull("summary").set("error", ItemError.of(outcomes.get(i)));
      }
    }
    return new Rendered.Document(body);
  }

  private static String beginning(String text) {
    int shown = Math.min(SHOWN_CHARACTERS, text.codePointCount(0, text.length()));
    return text.substring(0, text.offsetByCodePoints(0, shown));
  }
}
