package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.faults.FaultCatalogue;
import dev.skein.faults.FaultTable;
import dev.skein.faults.FaultTable.Row;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.UnreachableServers;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of {@code docs/model-faults.md}, met by the client in real time on real sockets. */
@Timeout(30)
@Execution(ExecutionMode.CONCURRENT)
class ModelFaultsTest {
  private static final Duration DEADLINE = Duration.ofSeconds(12);

  /** JDK 25 refuses a head that is too large and neither closes its connection nor reads on. */
  private static final String LEFT_OPEN_BY_THE_JDK = "endless-head";

  private static final LlmLimits LIMITS =
      new LlmLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          Duration.ofSeconds(5),
          Duration.ofSeconds(4),
          Duration.ofSeconds(20),
          2048,
          2,
          1000,
          100_000);
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(LIMITS.connect())
          .build();

  private final ScriptedModel model = ScriptedModel.start();
  private final UnreachableServers unreachable = new UnreachableServers();

  @AfterEach
  void close() {
    unreachable.close();
    model.close();
  }

  @AfterAll
  static void closeAll() {
    HTTP.shutdownNow();
  }

  static Stream<Row> rows(boolean streaming) {
    return FaultTable.rows(Path.of("../..")).stream().filter(row -> row.wire().has(streaming));
  }

  static Stream<Row> whole() {
    return rows(false);
  }

  static Stream<Row> streamed() {
    return rows(true);
  }

  @ParameterizedTest
  @MethodSource("whole")
  void askedForAWholeReply(Row row) {
    check(row, false);
  }

  @ParameterizedTest
  @MethodSource("streamed")
  void askedForAStream(Row row) {
    check(row, true);
  }

  private void check(Row row, boolean streaming) {
    model.script(request -> row.fault().replies().apply(request.number()));
    URI url = unreachable.baseUrl(row.fault().target(), model);
    var endpoint = new LlmEndpoint(url, Optional.of("sk-canary"), "m");
    var config = new LlmConfig(List.of(endpoint), List.of("m"), LIMITS, streaming);
    var request = new LlmRequest("m", List.of(new Message(Role.USER, "Hello")), Defaults.of(0, 7));
    long start = System.nanoTime();

    var result =
        new HttpLlmClient(HTTP, config)
            .complete(request, Deadline.in(DEADLINE, System::nanoTime))
            .orTimeout(20, TimeUnit.SECONDS)
            .join();

    assertThat(result.outcome().getClass().getSimpleName())
        .as("%s: %s", row, result)
        .isEqualTo(row.outcome());
    assertThat(result.attempts().size())
        .as("%s: %s", row, result)
        .isBetween(row.attempts(), row.mostAttempts());
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("a deadline is not passed")
        .isLessThan(DEADLINE.plusSeconds(2));
    if (!(result.outcome() instanceof Completed)) {
      assertThat(result.toString()).doesNotContain(FaultCatalogue.PROSE);
    }
    if (!row.name().equals(LEFT_OPEN_BY_THE_JDK)) {
      // The server sees the close, or had made it: nothing of the call runs on.
      model.awaitInFlight(0, Duration.ofSeconds(10));
    }
  }
}
