package dev.skein.functions.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.CallerFault;
import dev.skein.api.testing.HostileEvents;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.RefusalOfCaller;
import dev.skein.exchange.testing.TestEnvironment;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault of a caller, at each route with a body: no model is called, and nothing audited. */
@Timeout(30)
class CallerFaultsTest {
  private final TestEnvironment world =
      TestEnvironment.with(Map.of("OPENAI_EMBEDDING_MODELS", "text-embedding-3-small"));
  private final AnalyzeFunction function = new AnalyzeFunction(world.environment());

  @AfterEach
  void stop() {
    world.close();
  }

  static Stream<Arguments> rows() {
    return HostileEvents.samples("analyze.json", "summaries.json").stream()
        .flatMap(
            event ->
                CallerFault.ofBodies().stream()
                    .map(fault -> Arguments.of(event.path("resource").textValue(), fault, event)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("rows")
  void aFaultOfTheCallerIsNamedInTheRoutesForm(String route, CallerFault fault, ObjectNode valid) {
    var event = fault.of(valid);

    var response = RecordedResponse.of(function, event, Duration.ofSeconds(10));

    RefusalOfCaller.check(response, route, fault, event);
    assertThat(world.model().requests()).isZero();
    assertThat(world.queue().records()).isEmpty();
    assertThat(world.events("bug")).isEmpty();
  }
}
