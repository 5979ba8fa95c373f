package dev.skein.exchange.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.CallerFault;

/** What a response to a caller's fault has to be, in the form of its route. */
public final class RefusalOfCaller {
  private RefusalOfCaller() {}

  /** Fails unless this is the response to {@code event}, which has the fault. */
  public static void check(
      RecordedResponse response, String route, CallerFault fault, ObjectNode event) {
    boolean openAi = route.startsWith("/v1/") && event.has("resource");
    int status = openAi ? fault.openAiStatus() : fault.status();
    assertThat(response.status()).as(response.text()).isEqualTo(status);
    String pointer = openAi ? "/error/message" : "/detail";
    assertThat(response.json().at(pointer).textValue())
        .isNotEmpty()
        .doesNotContain("Exception", "jackson", "line:", "Unexpected");
    assertThat(response.headers()).containsKey("X-Request-Id");
    if (status == 405) {
      assertThat(response.headers()).containsEntry("Allow", "POST");
    }
  }
}
