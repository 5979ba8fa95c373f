package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment.Route;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SampleEventsTest {

  private static final URI API = URI.create("http://127.0.0.1:8080");

  @TempDir private Path folder;

  @Test
  void aSampleBecomesACommandForTheShell() throws IOException {
    Files.writeString(
        folder.resolve("chat.json"),
        "{\"resource\":\"/chat\",\"body\":\"{ \\\"message\\\": \\\"it's fine\\\" }\"}");

    assertThat(SampleEvents.read(folder).curl(new Route("ANY", "/chat", false), API))
        .isEqualTo(
            "curl 'http://127.0.0.1:8080/chat' -H 'content-type: application/json'"
                + " -d '{\"message\":\"it'\\''s fine\"}'");
  }

  @Test
  void aRouteThatStreamsIsShownAsItComes() {
    var route = new Route("ANY", "/chat", false, true, Duration.ofMinutes(15));

    assertThat(SampleEvents.read(folder).curl(route, API))
        .isEqualTo("curl -N 'http://127.0.0.1:8080/chat'");
  }

  @Test
  void theSampleNamedAfterTheRouteIsPreferred() throws IOException {
    Files.writeString(folder.resolve("bad.json"), "{\"resource\":\"/chat\",\"body\":\"bad\"}");
    Files.writeString(folder.resolve("chat.json"), "{\"resource\":\"/chat\",\"body\":\"good\"}");

    assertThat(SampleEvents.read(folder).curl(new Route("ANY", "/chat", false), API))
        .endsWith("-d 'good'");
  }

  @Test
  void aQueryIsPartOfTheAddress() throws IOException {
    Files.writeString(
        folder.resolve("audit-reader.json"),
        "{\"resource\":\"/audit\",\"queryStringParameters\":{\"user_id\":\"a b\",\"limit\":\"3\"},"
            + "\"body\":null}");

    assertThat(SampleEvents.read(folder).curl(new Route("ANY", "/audit", true), API))
        .isEqualTo("curl 'http://127.0.0.1:8080/audit?user_id=a+b&limit=3'");
  }

  @Test
  void aRouteWithoutASampleHasAPlainCommand() {
    assertThat(
            SampleEvents.read(folder.resolve("nowhere"))
                .curl(new Route("GET", "/other", false), API))
        .isEqualTo("curl 'http://127.0.0.1:8080/other'");
  }
}
