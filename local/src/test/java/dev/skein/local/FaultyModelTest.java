package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.local.console.StartupException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FaultyModelTest {

  private static int status(HttpClient http, FaultyModel model)
      throws IOException, InterruptedException {
    return status(http, model, "{}");
  }

  private static int status(HttpClient http, FaultyModel model, String body)
      throws IOException, InterruptedException {
    var url = URI.create("http://127.0.0.1:" + model.port() + "/v1/chat/completions");
    var request = HttpRequest.newBuilder(url).POST(BodyPublishers.ofString(body)).build();
    return http.send(request, BodyHandlers.discarding()).statusCode();
  }

  @Test
  void eachRequestMeetsTheNextFault() throws Exception {
    try (var model = FaultyModel.start(0, List.of("bad-key", "status-529", "flapping"));
        var http = HttpClient.newHttpClient()) {
      assertThat(status(http, model)).isEqualTo(401);
      assertThat(status(http, model)).isEqualTo(529);
      assertThat(status(http, model)).isEqualTo(503);
      assertThat(status(http, model)).isEqualTo(401);
      assertThat(status(http, model)).isEqualTo(529);
      assertThat(status(http, model)).as("what passes the second time").isEqualTo(200);
    }
  }

  @Test
  void aRequestForAModelWithTheNameOfAFaultMeetsThatFault() throws Exception {
    try (var model = FaultyModel.start(0, List.of("bad-key", "status-529"));
        var http = HttpClient.newHttpClient()) {
      assertThat(status(http, model, "{\"model\":\"status-529\"}")).isEqualTo(529);
      assertThat(status(http, model, "{\"model\":\"status-529\"}")).isEqualTo(529);
      assertThat(status(http, model, "{\"model\":\"other\"}"))
          .as("the first of the list")
          .isEqualTo(401);
    }
  }

  @Test
  void aFamilyMeansItsFaultsAndAllMeansEveryFaultOfAServer() {
    try (var family = FaultyModel.start(0, List.of("credentials"));
        var all = FaultyModel.start(0, List.of("all"))) {
      assertThat(family.faults())
          .startsWith("bad-key, forbidden, quota-used-up, ")
          .doesNotContain("status-");
      assertThat(all.faults()).contains("silence", "no-done-open").doesNotContain("black-hole");
    }
  }

  @Test
  void anUnknownFaultIsReportedWithTheKnownOnes() {
    assertThatThrownBy(() -> FaultyModel.start(0, List.of("silence", "black-hole")))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("MODEL_FAULTS: unknown fault black-hole.")
        .hasMessageContaining("a family (rejects, credentials")
        .hasMessageContaining("silence");
  }
}
