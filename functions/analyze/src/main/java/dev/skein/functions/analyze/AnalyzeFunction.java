package dev.skein.functions.analyze;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.api.Route;
import dev.skein.exchange.ModelEnvironment;
import dev.skein.exchange.ModelEnvironment.Rehearsed;
import dev.skein.exchange.ModelFunction;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The analyze function's entry: {@code POST /analyze} and {@code POST /summaries}. Thread-safe. */
public final class AnalyzeFunction implements StreamingHandler {
  private final ModelFunction function;

  private static final List<Rehearsed> REHEARSED =
      List.of(
          new Rehearsed("/analyze", "{\"text\":\"primed\"}"),
          new Rehearsed("/summaries", "{\"texts\":[\"primed\"]}"));

  /** For the runtime: reads the environment variables. */
  public AnalyzeFunction() {
    this(ModelEnvironment.start(AnalyzeHandler.CALLS, AnalyzeFunction::new, REHEARSED));
  }

  AnalyzeFunction(ModelEnvironment environment) {
    String model = environment.llmConfig().model();
    var analyze = new AnalyzeHandler(environment.llm(), environment.exchange(), model);
    var summaries = new SummariesHandler(environment.llm(), environment.exchange(), model);
    this.function =
        new ModelFunction(
            environment,
            List.of(
                new Route("POST", "/analyze", analyze),
                new Route("POST", "/summaries", summaries)));
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
