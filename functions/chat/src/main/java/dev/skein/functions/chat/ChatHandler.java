package dev.skein.functions.chat;

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
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code POST /chat}: one message, one completion, whole or streamed. Thread-safe. */
final class ChatHandler implements Route.Handler {
  private static final int MAX_CHARACTERS = 32_000;

  private final LlmClient llm;
  private final AuditedExchange exchange;
  private final ChatConfig config;

  ChatHandler(LlmClient llm, AuditedExchange exchange, ChatConfig config) {
    this.llm = llm;
    this.exchange = exchange;
    this.config = config;
  }

  @Override
  public ApiResponse handle(ApiRequest request, Deadline deadline) throws RefusedException {
    var body = JsonBody.of(request);
    String message = body.text("message", MAX_CHARACTERS);
    String userId = body.userId();
    double temperature = body.number("temperature", 0, 0, 2);
    int maxTokens = body.integer("max_tokens", config.maxTokens(), 1, config.maxTokens());
    String model = body.choice("model", config.model(), config.allowedModels());
    Optional<String> system = body.optionalText("system", MAX_CHARACTERS);
    boolean stream = body.flag("stream");
    Optional<Duration> timeout = body.timeout();
    body.check();

    var asked =
        new LlmRequest(model, messages(system, message), Defaults.of(temperature, maxTokens));
    var chosen = chosen(body, asked, temperature, maxTokens);
    return exchange.run(
        request,
        deadline,
        new Subject("/chat", userId, model, message, asked.fields().path("messages")),
        timeout,
        started ->
            started.ask(llm, chosen, stream, new Events(model), answer -> document(answer, model)));
  }

  /** What the caller chose is sent as it is; a default is dropped where the model rejects it. */
  private static LlmRequest chosen(
      JsonBody body, LlmRequest asked, double temperature, int maxTokens) {
    var chosen = body.has("temperature") ? asked.withTemperature(temperature) : asked;
    return body.has("max_tokens") ? chosen.withMaxTokens(maxTokens) : chosen;
  }

  private static List<Message> messages(Optional<String> system, String message) {
    var messages = new ArrayList<Message>();
    system.ifPresent(text -> messages.add(new Message(Role.SYSTEM, text)));
    messages.add(new Message(Role.USER, message));
    return messages;
  }

  private static Rendered document(Completed completed, String asked) {
    ObjectNode body = Json.object().put("response", completed.text());
    return new Rendered.Document(describe(completed, asked, body));
  }

  private static ObjectNode describe(Completed completed, String asked, ObjectNode body) {
    return body.put("model", completed.model().isEmpty() ? asked : completed.model())
        .put("finish_reason", completed.finishReason())
        .put("truncated", completed.truncated());
  }

  /** {@code delta} events with text, then {@code done} or {@code error}. */
  private record Events(String asked) implements StreamFormat {

    @Override
    public String piece(Delta delta) {
      return event("delta", Json.object().put("text", delta.text()));
    }

    @Override
    public String done(Completed completed, ObjectNode about) {
      return event("done", (ObjectNode) describe(completed, asked, Json.object()).setAll(about));
    }

    @Override
    public String error(ObjectNode document) {
      return event("error", document);
    }

    private static String event(String name, ObjectNode data) {
      return ServerSentEvent.of(name, Json.STRICT.writeReadable(data));
    }
  }
}
