package dev.skein.peers.openaijava;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.services.sqs.SqsClient;

/** POJO event, OpenAI's client and the SDK's queue client, each with its defaults. */
public final class ChatHandler
    implements RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent> {

  private static final String MODEL = System.getenv("OPENAI_MODEL");

  private final ObjectMapper json = new ObjectMapper();
  private final OpenAIClient openai = OpenAIOkHttpClient.fromEnv();
  private final SqsClient sqs = SqsClient.create();

  @Override
  public APIGatewayProxyResponseEvent handleRequest(
      APIGatewayProxyRequestEvent event, Context context) {
    try {
      JsonNode request = json.readTree(event.getBody());
      ChatCompletion completion =
          openai
              .chat()
              .completions()
              .create(
                  ChatCompletionCreateParams.builder()
                      .model(MODEL)
                      .addUserMessage(request.path("message").asText())
                      .maxCompletionTokens(request.path("max_tokens").asLong())
                      .build());
      String text = completion.choices().getFirst().message().content().orElseThrow();
      audit(request, text, completion);
      return new APIGatewayProxyResponseEvent()
          .withStatusCode(200)
          .withHeaders(Map.of("Content-Type", "application/json"))
          .withBody(json.writeValueAsString(Map.of("response", text, "model", MODEL)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void audit(JsonNode request, String text, ChatCompletion completion) throws IOException {
    String message =
        json.writeValueAsString(
            Map.of(
                "audit_id", UUID.randomUUID(),
                "timestamp", Instant.now().toString(),
                "endpoint", "/chat",
                "user_id", request.path("user_id").asText(),
                "model", MODEL,
                "message_preview", request.path("message").asText(),
                "response_preview", text,
                "total_tokens", completion.usage().orElseThrow().totalTokens()));
    sqs.sendMessage(it -> it.queueUrl(System.getenv("AUDIT_QUEUE_URL")).messageBody(message));
  }
}
