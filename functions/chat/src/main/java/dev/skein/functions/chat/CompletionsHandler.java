package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.JsonBody;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.api.ServerSentEvent;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.exchange.AuditedExchange;
import dev.skein.exchange.AuditedExchange.Subject;
import dev.skein.exchange.Rendered;
import dev.skein.exchange.StreamFormat;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code POST /v1/chat/completions} in the OpenAI format. Requests and replies are passed on
 * unmodified, except for what Skein decides: the model, the token limit and the size. Thread-safe.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/create">OpenAI API reference,
 *     Create chat completion</a>
 */
final class CompletionsHandler implements Route.Handler {
  private static final int MAX_NAME = 256;
  private static final int MAX_USER_ID = 128;
  private static final Events EVENTS = new Events();

  private final LlmClient llm;
  private final AuditedExchange exchange;
  private final ChatConfig config;

  CompletionsHandler(LlmClient llm, AuditedExchange exchange, ChatConfig config) {
    this.llm = llm;
    this.exchange = exchange;
    this.config = config;
  }

  @Override
  public ApiResponse handle(ApiRequest request, Deadline deadline) throws RefusedException {
    var body = JsonBody.ofPassed(request);
    body.objects("messages");
    String model = body.optionalText("model", MAX_NAME).orElse(config.model());
    String userId = body.optionalText("user", MAX_USER_ID).orElse("anonymous");
    boolean stream = body.flag("stream");
    // The audit record holds one answer.
    body.integer("n", 1, 1, 1);
    body.integer("max_tokens", 1, 1, config.maxTokens());
    body.integer("max_completion_tokens", 1, 1, config.maxTokens());
    Optional<Duration> timeout = body.timeout();
    ObjectNode fields = body.passed();
    fields.remove(List.of("model", "stream"));
    config.requireAllowed(model);

    var defaults = Defaults.maxTokens(config.maxTokens());
    var asked = new LlmRequest(model, fields, ReplyMode.PASS_THROUGH, defaults);
    return exchange.run(
        request,
        deadline,
        new Subject("/v1/chat/completions", userId, model, lastUserText(fields)),
        timeout,
        started -> started.ask(llm, asked, stream, EVENTS, CompletionsHandler::verbatim));
  }

  /** What the audit record shows of the conversation. */
  private static String lastUserText(JsonNode fields) {
    String last = "";
    for (JsonNode message : fields.path("messages")) {
      if (message.path("role").asText().equals("user")) {
        last = text(message.path("content"));
      }
    }
    return last;
  }

  private static String text(JsonNode content) {
    var text = new StringBuilder(content.asText(""));
    for (JsonNode part : content) {
      if (part.hasNonNull("text")) {
        text.append(text.isEmpty() ? "" : "\n").append(part.path("text").asText());
      }
    }
    return text.toString();
  }

  private static Rendered verbatim(Completed completed) {
    return new Rendered.Verbatim(completed.body().orElseThrow());
  }

  /** The API's own chunks, then {@code [DONE]} or an error object. */
  private record Events() implements StreamFormat {

    @Override
    public String piece(Delta delta) {
      return ServerSentEvent.of(delta.chunk());
    }

    @Override
    public String done(Completed completed, ObjectNode about) {
      return ServerSentEvent.of("[DONE]");
    }

    @Override
    public String error(ObjectNode document) {
      return ServerSentEvent.of(Json.STRICT.writeReadable(document));
    }
  }
}
