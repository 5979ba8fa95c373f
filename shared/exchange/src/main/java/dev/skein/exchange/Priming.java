package dev.skein.exchange;

import dev.skein.llm.LlmConfig;
import dev.skein.llm.LlmEndpoint;
import dev.skein.llm.LlmLimits;
import dev.skein.runtime.Rehearsal;
import dev.skein.runtime.Rehearsal.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the model and the queue reply to the events of a {@link Rehearsal}. */
final class Priming {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private static final Reply SENT = Reply.of("application/x-amz-json-1.0", "{\"MessageId\":\"1\"}");

  private static final Reply WHOLE =
      Reply.of(
          "application/json",
          """
          {"model":"primed","choices":[{"message":{"content":"primed"},"finish_reason":"stop"}]}\
          """);

  private static final Reply STREAM =
      Reply.of(
          "text/event-stream",
          """
          data: {"model":"primed","choices":[{"delta":{"content":"primed"},"finish_reason":"stop"}]}

          data: [DONE]

          """);

  private Priming() {}

  /** The event of a request to a route, as API Gateway sends it. */
  static String event(String path, String body) {
    return """
    {"resource":"%s","path":"%s","httpMethod":"POST","headers":{"Content-Type":"application/json"},\
    "multiValueHeaders":{"Content-Type":["application/json"]},"queryStringParameters":null,\
    "requestContext":{"requestId":"primed","identity":{}},"body":"%s","isBase64Encoded":false}\
    """
        .formatted(path, path, body.replace("\"", "\\\""));
  }

  /** The configuration of a model client that calls the stub server. */
  static LlmConfig at(URI stub, LlmConfig config) {
    return new LlmConfig(
        List.of(new LlmEndpoint(stub, Optional.empty(), config.model())),
        config.allowedModels(),
        new LlmLimits(LIMIT, LIMIT, LIMIT, LIMIT, LIMIT, 2048, 0, 0, 1),
        config.streaming());
  }

  /** The reply to a request of the model client, or of the queue. */
  static Reply reply(String request) {
    if (!request.startsWith("POST /chat/completions ")) {
      return SENT;
    }
    return request.contains("\"stream\":true") ? STREAM : WHOLE;
  }
}
