package dev.skein.functions.chat;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Route;
import dev.skein.exchange.ModelEnvironment;
import dev.skein.exchange.ModelFunction;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The chat function's entry: {@code POST /chat}, {@code POST /v1/chat/completions} and {@code GET
 * /v1/models}. Thread-safe.
 */
public final class ChatFunction implements StreamingHandler {
  private final ModelFunction function;

  /** For the runtime: reads the environment variables. */
  public ChatFunction() {
    this(
        ModelEnvironment.shared(),
        ChatConfig.from(
            ModelEnvironment.shared().settings(), ModelEnvironment.shared().llmConfig()));
  }

  ChatFunction(ModelEnvironment environment, ChatConfig config) {
    var llm = environment.llm();
    var exchange = environment.exchange();
    this.function =
        new ModelFunction(
            environment,
            List.of(
                new Route(
                    "POST",
                    "/v1/chat/completions",
                    ErrorFormat.OPENAI,
                    new CompletionsHandler(llm, exchange, config)),
                new Route("GET", "/v1/models", ErrorFormat.OPENAI, new ModelsHandler(config)),
                new Route("POST", "/chat", new ChatHandler(llm, exchange, config))));
  }

  @Override
  public void handle(InputStream event, StreamingResponse response, Context context)
      throws IOException {
    function.handle(event, response, context);
  }

  @Override
  public void close() {
    function.close();
  }
}
