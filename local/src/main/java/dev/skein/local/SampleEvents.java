package dev.skein.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.local.template.Deployment.Route;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** Turns the project's sample events into curl commands. */
final class SampleEvents {

  private static final ObjectMapper JSON = new ObjectMapper();

  private record Sample(String name, JsonNode event) {}

  private final List<Sample> samples;

  private SampleEvents(List<Sample> samples) {
    this.samples = samples;
  }

  /** Reads the folder's JSON files; none if there is no such folder. */
  static SampleEvents read(Path folder) {
    List<Sample> samples = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        samples.add(new Sample(file.getFileName().toString(), JSON.readTree(file.toFile())));
      }
    } catch (IOException e) {
      // Then the commands have no body.
    }
    return new SampleEvents(samples);
  }

  /** A shell command that calls the route. */
  String curl(Route route, URI api) {
    Optional<JsonNode> sample =
        samples.stream()
            .filter(one -> one.event().path("resource").asText().equals(route.path()))
            .min(Comparator.comparing(one -> !one.name().startsWith(noun(route))))
            .map(Sample::event);
    String url = api + route.path() + sample.map(SampleEvents::query).orElse("");
    StringJoiner command =
        new StringJoiner(" ").add(route.streaming() ? "curl -N" : "curl").add(quoted(url));
    sample
        .map(event -> event.path("body"))
        .filter(JsonNode::isTextual)
        .ifPresent(
            body ->
                command
                    .add("-H 'content-type: application/json'")
                    .add("-d")
                    .add(quoted(compact(body.textValue()))));
    return command.toString();
  }

  /** Of several samples for a route, the one that is named after it is preferred. */
  private static String noun(Route route) {
    return route.path().substring(route.path().lastIndexOf('/') + 1);
  }

  private static String query(JsonNode event) {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    for (Map.Entry<String, JsonNode> one : event.path("queryStringParameters").properties()) {
      query.add(
          one.getKey() + "=" + URLEncoder.encode(one.getValue().asText(), StandardCharsets.UTF_8));
    }
    return query.toString();
  }

  private static String compact(String body) {
    try {
      return JSON.readTree(body).toString();
    } catch (IOException e) {
      return body;
    }
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
