package dev.skein.functions.analyze;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.skein.api.ApiFunction;
import dev.skein.api.Route;
import dev.skein.exchange.ModelEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** The analyze function's entry: {@code POST /analyze} and {@code POST /summaries}. Thread-safe. */
public final class AnalyzeFunction implements RequestStreamHandler {
  private final ApiFunction api;

  /** For the runtime: reads the world. */
  public AnalyzeFunction() {
    this(ModelEnvironment.shared());
  }

  AnalyzeFunction(ModelEnvironment environment) {
    String model = environment.llmConfig().model();
    var analyze = new AnalyzeHandler(environment.llm(), environment.exchange(), model);
    var summaries = new SummariesHandler(environment.llm(), environment.exchange(), model);
    this.api =
        new ApiFunction(
            List.of(
                new Route("POST", "/analyze", analyze), new Route("POST", "/summaries", summaries)),
            environment.log(),
            System::nanoTime);
  }

  @Override
  public void handleRequest(InputStream event, OutputStream response, Context context)
      throws IOException {
    api.serve(event, response, context);
  }
}
