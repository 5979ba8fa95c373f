package dev.skein.functions.chat;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.skein.api.ApiFunction;
import dev.skein.api.Route;
import dev.skein.exchange.ModelEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** The chat function's entry: {@code POST /chat}. Thread-safe. */
public final class ChatFunction implements RequestStreamHandler {
  private final ApiFunction api;

  /** For the runtime: reads the world. */
  public ChatFunction() {
    this(
        ModelEnvironment.shared(),
        ChatConfig.from(
            ModelEnvironment.shared().settings(), ModelEnvironment.shared().llmConfig()));
  }

  ChatFunction(ModelEnvironment environment, ChatConfig config) {
    var chat = new ChatHandler(environment.llm(), environment.exchange(), config);
    this.api =
        new ApiFunction(
            List.of(new Route("POST", "/chat", chat)), environment.log(), System::nanoTime);
  }

  @Override
  public void handleRequest(InputStream event, OutputStream response, Context context)
      throws IOException {
    api.serve(event, response, context);
  }
}
