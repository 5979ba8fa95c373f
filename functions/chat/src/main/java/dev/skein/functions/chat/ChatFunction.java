package dev.skein.functions.chat;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.api.ApiFunction;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Route;
import dev.skein.api.StreamedBody;
import dev.skein.exchange.ModelEnvironment;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * The chat function's entry: {@code POST /chat}, {@code POST /v1/chat/completions} and {@code GET
 * /v1/models}. Thread-safe.
 */
public final class ChatFunction implements StreamingHandler {
  /** What a stream that its deadline has ended may take to say so. */
  private static final Duration LAST_WORDS = Duration.ofMillis(250);

  private final ApiFunction api;

  /** For the runtime: reads the world. */
  public ChatFunction() {
    this(
        ModelEnvironment.shared(),
        ChatConfig.from(
            ModelEnvironment.shared().settings(), ModelEnvironment.shared().llmConfig()));
  }

  ChatFunction(ModelEnvironment environment, ChatConfig config) {
    var llm = environment.llm();
    var exchange = environment.exchange();
    this.api =
        new ApiFunction(
            List.of(
                new Route(
                    "POST",
                    "/v1/chat/completions",
                    ErrorFormat.OPENAI,
                    new CompletionsHandler(llm, exchange, config)),
                new Route("GET", "/v1/models", ErrorFormat.OPENAI, new ModelsHandler(config)),
                new Route("POST", "/chat", new ChatHandler(llm, exchange, config))),
            environment.log(),
            System::nanoTime);
  }

  @Override
  public void handle(InputStream event, StreamingResponse response, Context context)
      throws IOException {
    ApiResponse answer = api.answer(event, context);
    response.afterwards(answer.afterwards());
    switch (answer.body()) {
      case ApiResponse.Text(String text) ->
          response
              .begin(answer.status(), answer.headers())
              .write(text.getBytes(StandardCharsets.UTF_8));
      case StreamedBody body -> {
        response.onDisconnect(body::cancel);
        response.limit(body.deadline().remaining().plus(LAST_WORDS));
        OutputStream out = response.begin(answer.status(), answer.headers());
        body.writeTo(out).ifPresent(problem -> response.fail(problem.type(), problem.title()));
      }
    }
  }
}
