package dev.skein.exchange.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.CallerFault;
import dev.skein.api.testing.HostileEvents;
import dev.skein.api.testing.PayloadFormat2;
import dev.skein.api.testing.RefusalOfCaller;
import dev.skein.api.testing.ValidVariation;
import dev.skein.exchange.ModelEnvironment;
import dev.skein.runtime.StreamingHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Rows of callers' faults and of valid requests, and a function that they are sent to: each as the
 * event of a REST API and in payload format 2.0.
 */
public final class CallerFaultRows implements AutoCloseable {
  private static final Duration TIME = Duration.ofSeconds(30);
  private static final int ONE_FORMAT = 2 << 20;

  private final TestEnvironment world;
  private final StreamingHandler function;

  /** Starts an environment for the function. */
  public CallerFaultRows(
      Map<String, String> settings, Function<ModelEnvironment, StreamingHandler> function) {
    this.world = TestEnvironment.with(settings);
    this.function = function.apply(world.environment());
  }

  /** The route, the fault and the valid event: for each fault of a route with a body. */
  public static Stream<Arguments> ofBody(
      String file, int maxBytes, Stream<List<CallerFault>> ofFields) {
    var all =
        Stream.concat(
            Stream.of(CallerFault.ofRequests("POST"), CallerFault.ofBodies(maxBytes)), ofFields);
    return of(file, all.flatMap(List::stream).toList());
  }

  /** The route, the fault and the valid event: for each of the faults. */
  public static Stream<Arguments> of(String file, List<CallerFault> faults) {
    ObjectNode valid = sample(file);
    return faults.stream().map(fault -> Arguments.of(route(valid), fault, valid));
  }

  /** The route, the variation and the valid event: for each variation of a request with a body. */
  public static Stream<Arguments> variationsOfBody(String file, int maxBytes) {
    return Stream.concat(
        variations(file, ValidVariation.ofRequests()),
        variations(file, ValidVariation.ofBodies(maxBytes)));
  }

  /** The route, the variation and the valid event: for each of the variations. */
  public static Stream<Arguments> variations(String file, List<ValidVariation> variations) {
    ObjectNode valid = sample(file);
    return variations.stream().map(variation -> Arguments.of(route(valid), variation, valid));
  }

  private static ObjectNode sample(String file) {
    return HostileEvents.samples(file).getFirst();
  }

  private static String route(ObjectNode valid) {
    return valid.path("resource").textValue();
  }

  /** Fails unless the fault is refused as one, without a call of the model and without a record. */
  public void checkRefused(String route, CallerFault fault, ObjectNode valid) {
    String requestId = valid.at("/requestContext/requestId").textValue();
    for (ObjectNode event : inBothFormats(fault.of(valid))) {
      int calls = world.model().requests();
      int records = world.queue().records().size();
      int lines = world.lines().size();

      var response = RecordedResponse.of(function, event, TIME);

      RefusalOfCaller.check(response.answer(), route, fault, valid, requestId);
      assertThat(world.model().requests()).isEqualTo(calls);
      assertThat(world.queue().records()).hasSize(records);
      assertThat(world.lines().subList(lines, world.lines().size()))
          .singleElement()
          .asString()
          .contains("\"event\":\"request\"", requestId)
          .doesNotContain("local-example-key", "\n");
    }
  }

  /** Fails unless the request is served. */
  public void checkServed(ValidVariation variation, ObjectNode valid) {
    for (ObjectNode event : inBothFormats(variation.of(valid))) {
      var response = RecordedResponse.of(function, event, TIME);

      assertThat(response.status()).as(response.text()).isEqualTo(200);
      assertThat(response.headers().get("X-Request-Id")).matches("[!-~]+");
      assertThat(response.failure()).isEmpty();
    }
  }

  /** Fails unless the model is found, or is not and is not repeated. */
  public void checkModel(ObjectNode request, int status, String name) {
    for (ObjectNode event : inBothFormats(request)) {
      var response = RecordedResponse.of(function, event, TIME);

      assertThat(response.status()).as(response.text()).isEqualTo(status);
      if (status == 404) {
        assertThat(response.json().at("/error/code").textValue()).isEqualTo("model_not_found");
        assertThat(response.text()).contains("This model may not be requested here.");
        assertThat(response.text()).doesNotContain(name);
      }
    }
  }

  private static List<ObjectNode> inBothFormats(ObjectNode event) {
    // The largest bodies once, to save time.
    return event.path("body").asText("").length() > ONE_FORMAT
        ? List.of(event)
        : List.of(event, PayloadFormat2.of(event));
  }

  @Override
  public void close() {
    world.close();
  }
}
