package dev.skein.functions.chat;

import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.JsonBody;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.exchange.AuditedExchange;
import dev.skein.exchange.ModelJob;
import dev.skein.exchange.ModelJob.Rendered;
import dev.skein.exchange.OutcomeProblems;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code POST /chat}: one message, one completion. Thread-safe. */
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
    Optional<Duration> timeout = body.timeout();
    body.check();

    var asked = new LlmRequest(model, messages(system, message), temperature, maxTokens);
    var job =
        new ModelJob(
            new ModelJob.Subject("/chat", userId, model, message),
            timeout,
            end -> ModelJob.single(llm.complete(asked, end)),
            outcomes -> render(outcomes.getFirst(), model));
    return exchange.run(request, deadline, job);
  }

  private static List<Message> messages(Optional<String> system, String message) {
    var messages = new ArrayList<Message>();
    system.ifPresent(text -> messages.add(new Message(Role.SYSTEM, text)));
    messages.add(new Message(Role.USER, message));
    return messages;
  }

  private static Rendered render(LlmOutcome outcome, String model) {
    if (!(outcome instanceof Completed completed)) {
      return new Rendered.Failure(OutcomeProblems.of(outcome).orElseThrow());
    }
    return new Rendered.Reply(
        Json.object()
            .put("response", completed.text())
            .put("model", completed.model().isEmpty() ? model : completed.model())
            .put("finish_reason", completed.finishReason())
            .put("truncated", completed.truncated()));
  }
}
