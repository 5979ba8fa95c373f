package dev.skein.functions.chat;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.base.Deadline;
import dev.skein.exchange.ModelEnvironment;
import dev.skein.exchange.ModelFunction;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The chat function's entry: {@code POST /chat}, {@code POST /v1/chat/completions}, {@code GET
 * /v1/models} and {@code GET /v1/models/{model+}}, and a 404 in the OpenAI format for every other
 * path below {@code /v1/}. Thread-safe.
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
    var models = new ModelsHandler(config);
    this.function =
        new ModelFunction(
            environment,
            List.of(
                // First, because a model's ID may end as another path does.
                new Route("GET", ModelsHandler.MODEL, ErrorFormat.OPENAI, models::retrieve),
                new Route("GET", ModelsHandler.MODELS, ErrorFormat.OPENAI, models::list),
                new Route(
                    "POST",
                    "/v1/chat/completions",
                    ErrorFormat.OPENAI,
                    new CompletionsHandler(llm, exchange, config)),
                new Route(Route.ANY, "/v1/{proxy+}", ErrorFormat.OPENAI, ChatFunction::unknownPath),
                new Route("POST", "/chat", new ChatHandler(llm, exchange, config))));
  }

  private static ApiResponse unknownPath(ApiRequest request, Deadline deadline)
      throws RefusedException {
    throw new RefusedException(
        Problem.notFound(
            "There is no such route. The routes below /v1/ are POST /v1/chat/completions, GET"
                + " /v1/models and GET /v1/models/{model}."));
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
