package dev.skein.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.base.Deadline;
import dev.skein.llm.HttpLlmClient;
import dev.skein.llm.LlmConfig;
import dev.skein.llm.LlmEndpoint;
import dev.skein.llm.LlmLimits;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The same exchange with the JDK's client alone, and with the model client on top of it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ClientOverhead {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUESTION = "What is a skein of geese?";

  /** What the model client sends, too. */
  private static final String BODY =
      """
      {"model":"m","messages":[{"role":"user","content":"%s"}],"temperature":0.2,"max_tokens":200}\
      """
          .formatted(QUESTION);

  private static final LlmRequest REQUEST =
      new LlmRequest("m", List.of(new Message(Role.USER, QUESTION)), Defaults.of(0.2, 200));

  private final FixedServer whole = new FixedServer("application/json", Upstream.REPLY);
  private final FixedServer streaming = new FixedServer("text/event-stream", events());

  /** With the functions' executor. */
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  private final HttpRequest bareRequest =
      HttpRequest.newBuilder(whole.uri("/v1/chat/completions"))
          .header("Content-Type", "application/json")
          .header("Accept", "application/json")
          .header("User-Agent", "skein")
          .POST(BodyPublishers.ofString(BODY))
          .build();
  private final HttpLlmClient wholeClient = client(http, whole, false);
  private final HttpLlmClient streamingClient = client(http, streaming, true);

  /** The text in pieces as short as models stream it. */
  private static String events() {
    var events = new StringBuilder();
    for (int i = 0; i < Upstream.TEXT.length(); i += 4) {
      events
          .append("data: {\"model\":\"stub\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"")
          .append(Upstream.TEXT, i, Math.min(i + 4, Upstream.TEXT.length()))
          .append("\"},\"finish_reason\":null}]}\n\n");
    }
    return events
        .append(
            "data: {\"model\":\"stub\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}")
        .append("\n\ndata: [DONE]\n\n")
        .toString();
  }

  static HttpLlmClient client(HttpClient http, FixedServer server, boolean streaming) {
    var endpoint = new LlmEndpoint(server.uri("/v1"), Optional.empty(), "m");
    return new HttpLlmClient(
        http, new LlmConfig(List.of(endpoint), List.of("m"), LlmLimits.DEFAULTS, streaming));
  }

  /** The JDK's client, and the reply as a tree. */
  @Benchmark
  public JsonNode bare() throws IOException {
    var reply = http.sendAsync(bareRequest, BodyHandlers.ofByteArray()).join();
    return JSON.readTree(reply.body());
  }

  /** The model client, which the provider answers whole. */
  @Benchmark
  public Completed whole() {
    return complete(wholeClient);
  }

  /** The model client, which the provider answers with a stream. */
  @Benchmark
  public Completed streamed() {
    return complete(streamingClient);
  }

  private static Completed complete(HttpLlmClient client) {
    var result = client.complete(REQUEST, Deadline.in(PATIENCE, System::nanoTime)).join();
    if (result.outcome() instanceof Completed completed && completed.text().equals(Upstream.TEXT)) {
      return completed;
    }
    throw new MeasurementException("The call ended otherwise: " + result);
  }

  /** Ends both servers. */
  @TearDown
  public void close() {
    http.shutdownNow();
    whole.close();
    streaming.close();
  }
}
