package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Log;
import dev.skein.base.Settings;
import dev.skein.llm.Charge;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.LlmResult.Operation;
import dev.skein.llm.Usage;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Measures what the metrics and the subsegments of a streamed chat cost in CPU, in this process: a
 * few in a normal build, {@code -Dskein.telemetry.requests=20000} for figures.
 */
final class TelemetryCpuTest {
  private static final int REQUESTS = Integer.getInteger("skein.telemetry.requests", 50);

  private static final Optional<String> SAMPLED =
      Optional.of("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");

  private static List<LlmResult> chat() {
    var operation =
        new Operation(
            LlmApi.CHAT_COMPLETIONS,
            URI.create("https://api.openai.com/v1"),
            true,
            Instant.now(),
            Duration.ofMillis(1234),
            Optional.of(Duration.ofMillis(250)));
    var usage = Optional.of(new Usage(1000, 500, 1500));
    var answer = new Completed("a text", "stop", "gpt-6-luna", usage);
    var charge = new Charge(operation.baseUrl(), "gpt-6-luna", usage, true, Optional.empty());
    return List.of(
        new LlmResult(
            answer,
            List.of(
                new Attempt(
                    "gpt-6-luna",
                    answer,
                    Map.of(),
                    false,
                    Optional.of(charge),
                    Optional.of(operation)))));
  }

  @Test
  void microsecondsOfCpuARequest() throws Exception {
    var out = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.US_ASCII);
    var log = new Log(InstantSource.system(), out::println, "skein", "skein-ChatFunction");
    try (var daemon = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var telemetry =
          ModelTelemetry.from(
              new Settings(
                  Map.of("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:" + daemon.getLocalPort())));

      double metrics = microseconds(telemetry, Optional.empty(), log);
      double both = microseconds(telemetry, SAMPLED, log);

      System.out.printf(
          Locale.ROOT,
          "CPU per chat, %d requests: metrics %.1f us; metrics and a subsegment %.1f us%n",
          REQUESTS,
          metrics,
          both);
      assertThat(metrics).isPositive();
    }
  }

  /** The second half of the requests is measured, after the first has warmed the code up. */
  private static double microseconds(ModelTelemetry telemetry, Optional<String> header, Log log) {
    var threads = ManagementFactory.getThreadMXBean();
    List<LlmResult> results = chat();
    long begin = 0;
    for (int request = 0; request < REQUESTS; request++) {
      if (request == REQUESTS / 2) {
        begin = threads.getCurrentThreadCpuTime();
      }
      telemetry.report(
          results, header, _ -> Optional.empty(), () -> "00112233445566778899aabbccddeeff", log);
    }
    return (threads.getCurrentThreadCpuTime() - begin) / 1e3 / (REQUESTS - REQUESTS / 2);
  }
}
