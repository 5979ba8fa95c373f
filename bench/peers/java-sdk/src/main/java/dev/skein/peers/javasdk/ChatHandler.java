package dev.skein.peers.javasdk;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.services.sqs.SqsClient;

/** POJO event, databind, java.net.http and the SDK's queue client with its defaults. */
public final class ChatHandler
    implements RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent> {

  private static final String MODEL = System.getenv("OPENAI_MODEL");

  private final ObjectMapper json =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  private final HttpClient http = HttpClient.newHttpClient();
  private final SqsClient sqs = SqsClient.create();

  /** What a caller posts. */
  record ChatRequest(
      String message,
      @JsonProperty("user_id") String userId,
      @JsonProperty("max_tokens") int maxTokens) {}

  @Override
  public APIGatewayProxyResponseEvent handleRequest(
      APIGatewayProxyRequestEvent event, Context context) {
    try {
      ChatRequest request = json.readValue(event.getBody(), ChatRequest.class);
      JsonNode completion = complete(request);
      String text = completion.at("/choices/0/message/content").asText();
      JsonNode usage = completion.path("usage");
      audit(request, text, usage);
      return new APIGatewayProxyResponseEvent()
          .withStatusCode(200)
          .withHeaders(Map.of("Content-Type", "application/json"))
          .withBody(
              json.writeValueAsString(Map.of("response", text, "model", MODEL, "usage", usage)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private JsonNode complete(ChatRequest request) throws IOException, InterruptedException {
    var body =
        Map.of(
            "model",
            MODEL,
            "messages",
            List.of(Map.of("role", "user", "content", request.message())),
            "max_tokens",
            request.maxTokens());
    HttpRequest call =
        HttpRequest.newBuilder(URI.create(System.getenv("OPENAI_BASE_URL") + "/chat/completions"))
            .header("Authorization", "Bearer " + System.getenv("OPENAI_API_KEY"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body)))
            .build();
    return json.readTree(http.send(call, HttpResponse.BodyHandlers.ofString()).body());
  }

  private void audit(ChatRequest request, String text, JsonNode usage) throws IOException {
    String message =
        json.writeValueAsString(
            Map.of(
                "audit_id",
                UUID.randomUUID(),
                "timestamp",
                Instant.now().toString(),
                "endpoint",
                "/chat",
                "user_id",
                request.userId(),
                "model",
                MODEL,
                "message_preview",
                request.message(),
                "response_preview",
                text,
                "usage",
                usage));
    sqs.sendMessage(it -> it.queueUrl(System.getenv("AUDIT_QUEUE_URL")).messageBody(message));
  }
}
