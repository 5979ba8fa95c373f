package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
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
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Answers a route of the OpenAI format. Requests and replies are passed on unmodified, except for
 * what Skein decides: the model, the token limit and the size. Thread-safe.
 */
record OpenAiHandler(OpenAiRoute route, LlmClient llm, AuditedExchange exchange)
    implements Route.Handler {
  private static final Events EVENTS = new Events();

  /** This route of the OpenAI format, below {@code /v1}. */
  static Route route(OpenAiRoute route, LlmClient llm, AuditedExchange exchange) {
    var handler = new OpenAiHandler(route, llm, exchange);
    return new Route("POST", handler.path(), ErrorFormat.OPENAI, handler);
  }

  private String path() {
    return "/v1" + route.api().path();
  }

  @Override
  public ApiResponse handle(ApiRequest request, Deadline deadline) throws RefusedException {
    var body = JsonBody.ofPassed(request);
    route.validate(body);
    String model = route.model(body);
    String userId = body.user();
    boolean stream = body.flag("stream") && route.api() != LlmApi.EMBEDDINGS;
    Optional<Duration> timeout = body.timeout();
    ObjectNode fields = body.passed();
    fields.remove(List.of("model", "stream"));
    route.requireAllowed(model);

    var asked = LlmRequest.passThrough(route.api(), model, fields, route.defaults());
    return exchange.run(
        request,
        deadline,
        new Subject(path(), userId, model, route.message(fields), route.messages(fields)),
        timeout,
        started -> started.ask(llm, asked, stream, EVENTS, OpenAiHandler::verbatim));
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
