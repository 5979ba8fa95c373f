package dev.skein.functions.analyze;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import dev.skein.exchange.OutcomeProblems;
import dev.skein.exchange.Rendered;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * {@code POST /analyze}: three questions about one text, asked at once. A part that fails is null,
 * with the reason in {@code errors}; the others are kept. Thread-safe.
 */
final class AnalyzeHandler implements Route.Handler {
  static final int MAX_CHARACTERS = 32_000;

  private static final List<Part> PARTS =
      List.of(
          new Part("sentiment", Task.SENTIMENT, AnalyzeHandler::word),
          new Part("topics", Task.TOPICS, AnalyzeHandler::list),
          new Part("summary", Task.SUMMARY, JsonNodeFactory.instance::textNode));

  /** How many calls one request makes at once. */
  static final int CALLS = PARTS.size();

  private final LlmClient llm;
  private final AuditedExchange exchange;
  private final String model;

  AnalyzeHandler(LlmClient llm, AuditedExchange exchange, String model) {
    this.llm = llm;
    this.exchange = exchange;
    this.model = model;
  }

  /** One field of the reply: what is asked, and how the model's answer becomes its value. */
  private record Part(String name, Task task, Function<String, JsonNode> value) {}

  @Override
  public ApiResponse handle(ApiRequest request, Deadline deadline) throws RefusedException {
    var body = JsonBody.of(request);
    String text = body.text("text", MAX_CHARACTERS);
    String userId = body.userId();
    Optional<Duration> timeout = body.timeout();
    body.check();

    var requests = PARTS.stream().map(part -> part.task().of(text, model)).toList();
    return exchange.run(
        request,
        deadline,
        new Subject("/analyze", userId, model, text),
        timeout,
        started -> {
          var results =
              BoundedFanOut.run(
                  PARTS.size(), requests, asked -> llm.complete(asked, started.deadline()));
          return started.reply(results, AnalyzeHandler::render);
        });
  }

  private static Rendered render(List<LlmOutcome> outcomes) {
    if (outcomes.stream().noneMatch(Completed.class::isInstance)) {
      return new Rendered.Failure(OutcomeProblems.of(outcomes.getFirst()).orElseThrow());
    }
    ObjectNode body = Json.object();
    ObjectNode errors = Json.object();
    var truncated = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < PARTS.size(); i++) {
      Part part = PARTS.get(i);
      if (outcomes.get(i) instanceof Completed completed) {
        body.set(part.name(), part.value().apply(completed.text().strip()));
        if (completed.truncated()) {
          truncated.add(part.name());
        }
      } else {
        body.putNull(part.name());
        errors.set(part.name(), ItemError.of(outcomes.get(i)));
      }
    }
    body.set("errors", errors);
    body.set("truncated", truncated);
    return new Rendered.Document(body);
  }

  private static JsonNode word(String reply) {
    return JsonNodeFactory.instance.textNode(
        reply.replaceAll("\\p{Punct}+$", "").toLowerCase(Locale.ROOT));
  }

  private static JsonNode list(String reply) {
    var topics = JsonNodeFactory.instance.arrayNode();
    Arrays.stream(reply.split("[,\n]"))
        // Models like to number a list, whatever they were asked for.
        .map(topic -> topic.strip().replaceAll("^(\\d+[.)]|[-*])\\s*|\\.$", ""))
        .filter(topic -> !topic.isEmpty())
        .forEach(topics::add);
    return topics;
  }
}
