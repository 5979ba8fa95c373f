package dev.skein.functions.chat;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.exchange.ModelEnvironment;
import dev.skein.exchange.ModelEnvironment.Rehearsed;
import dev.skein.exchange.ModelFunction;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The chat function's entry: {@code POST /chat}, {@code POST /v1/chat/completions}, {@code POST
 * /v1/completions}, {@code POST /v1/embeddings}, {@code GET /v1/models} and {@code GET
 * /v1/models/{model+}}, and a 404 in the OpenAI format for {@code /v1} and every other path below
 * it. Thread-safe.
 */
public final class ChatFunction implements StreamingHandler {
  private final ModelFunction function;

  private static final List<Rehearsed> REHEARSED =
      List.of(
          new Rehearsed("/chat", "{\"message\":\"primed\"}"),
          new Rehearsed(
              "/v1/chat/completions",
              "{\"messages\":[{\"role\":\"user\",\"content\":\"primed\"}],\"stream\":true}"));

  /** For the runtime: reads the environment variables. */
  public ChatFunction() {
    this(ModelEnvironment.start(1, ChatFunction::new, REHEARSED));
  }

  ChatFunction(ModelEnvironment environment) {
    this(environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
  }

  ChatFunction(ModelEnvironment environment, ChatConfig config) {
    var llm = environment.llm();
    var exchange = environment.exchange();
    URI baseUrl = environment.llmConfig().endpoints().getFirst().baseUrl();
    var models =
        new ModelsHandler(config, model -> environment.prices().retirement(baseUrl, model));
    var openAi =
        List.of(
            new Route("GET", ModelsHandler.MODEL, ErrorFormat.OPENAI, models::retrieve),
            new Route("GET", ModelsHandler.MODELS, ErrorFormat.OPENAI, models::list),
            OpenAiHandler.route(new ChatCompletions(config), llm, exchange),
            OpenAiHandler.route(new Completions(config), llm, exchange),
            OpenAiHandler.route(new Embeddings(config), llm, exchange));
    var routes = new ArrayList<>(openAi);
    routes.add(notFound("/v1/{proxy+}", "There is no such route.", openAi));
    routes.add(
        notFound(
            "/v1", "This is the base URL for OpenAI clients, which append a route to it.", openAi));
    routes.add(new Route("POST", "/chat", new ChatHandler(llm, exchange, config)));
    this.function = new ModelFunction(environment, routes);
  }

  /** A 404 whose message ends with the names of these routes. */
  private static Route notFound(String path, String sentence, List<Route> routes) {
    return new Route(
        Route.ANY,
        path,
        ErrorFormat.OPENAI,
        (_, _) -> {
          throw new RefusedException(
              Problem.notFound(sentence + " The routes are " + names(routes) + "."));
        });
  }

  private static String names(List<Route> routes) {
    return routes.stream()
        .sorted(Comparator.comparing(Route::path))
        .map(route -> route.method() + " " + route.path().replace("+}", "}"))
        .collect(Collectors.joining(", "));
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
