package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.api.ApiResponse;
import dev.skein.api.Problem;
import dev.skein.api.Route;
import dev.skein.api.StreamedBody;
import dev.skein.api.testing.ApiCall;
import dev.skein.base.Deadline;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFunctionTest {
  private final TestEnvironment world = TestEnvironment.with(Map.of());
  private final ModelFunction function =
      new ModelFunction(
          world.environment(),
          List.of(
              new Route("POST", "/whole", (_, _) -> new ApiResponse(200, Map.of(), "all of it")),
              new Route(
                  "POST",
                  "/stream",
                  (request, _) ->
                      new ApiResponse(
                          200,
                          Map.of(),
                          new Nothing(Integer.parseInt(request.body())),
                          () -> {}))));

  /** A stream without pieces, whose deadline is the given number of milliseconds away. */
  private record Nothing(int deadlineMs) implements StreamedBody {
    @Override
    public Optional<Problem> writeTo(OutputStream out) {
      return Optional.empty();
    }

    @Override
    public void cancel() {}

    @Override
    public Deadline deadline() {
      return Deadline.in(Duration.ofMillis(deadlineMs), () -> 0L);
    }
  }

  @AfterEach
  void stop() {
    world.close();
  }

  private long limitMs(String path, String body, int leftMs) {
    var event = ApiCall.event("POST", path, body);
    return RecordedResponse.of(function, event, Duration.ofMillis(leftMs)).limit().toMillis();
  }

  @ParameterizedTest
  @CsvSource({"10000, 8400", "2000, 400", "1700, 100", "1, 100"})
  void aWholeResponseHasTheRestOfTheInvocationLessTheTimeForItsAuditRecord(int leftMs, int ms) {
    assertThat(limitMs("/whole", "", leftMs)).isEqualTo(ms);
  }

  @ParameterizedTest
  @CsvSource({"5000, 10000, 5250", "9000, 10000, 8400", "-10, 10000, 240"})
  void aStreamEndsSoonAfterItsDeadlineAndInTimeForItsAuditRecord(
      int deadlineMs, int leftMs, int ms) {
    assertThat(limitMs("/stream", Integer.toString(deadlineMs), leftMs)).isEqualTo(ms);
  }

  @Test
  void closingItEndsTheModelCallsAndLeavesTheHttpClientForTheRecords() {
    world.model().enqueue(ScriptedReply.hang());
    var request = new LlmRequest("m", List.of(new Message(Role.USER, "Hi")), Defaults.of(0, 9));
    var deadline = Deadline.in(Duration.ofMinutes(1), System::nanoTime);
    var call = world.environment().llm().complete(request, deadline);
    world.model().awaitInFlight(1, Duration.ofSeconds(10));

    function.close();

    assertThat(call.join().outcome())
        .isEqualTo(new Unavailable(NoReply.SHUTTING_DOWN, Optional.empty()));
    assertThat(world.events("shutdown")).hasSize(1);
  }
}
