package dev.skein.exchange.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.api.testing.CallerFuzz;
import dev.skein.api.testing.FakeContext;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The complete response to one event, as the caller receives it. For one thread. */
public final class RecordedResponse implements StreamingResponse {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status;
  private Map<String, String> headers = Map.of();
  private String failure = "";
  private Runnable afterwards = () -> {};
  private Duration limit = Duration.ZERO;

  /**
   * Calls a function with an event, and runs the work that follows its response.
   *
   * @param remaining the time until the invocation times out
   */
  public static RecordedResponse of(StreamingHandler function, JsonNode event, Duration remaining) {
    return of(function, event.toString().getBytes(StandardCharsets.UTF_8), remaining);
  }

  /** As {@link #of(StreamingHandler, JsonNode, Duration)}, with an event that may not be JSON. */
  public static RecordedResponse of(StreamingHandler function, byte[] event, Duration remaining) {
    var response = new RecordedResponse();
    try {
      function.handle(new ByteArrayInputStream(event), response, new FakeContext(remaining));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    response.afterwards.run();
    return response;
  }

  /** Posts this JSON to a path, with ten seconds left. */
  public static RecordedResponse post(StreamingHandler function, String path, String json) {
    return of(function, ApiCall.event("POST", path, json), Duration.ofSeconds(10));
  }

  public int status() {
    return status;
  }

  public Map<String, String> headers() {
    return headers;
  }

  /** The status, the headers and the body. */
  public CallerFuzz.Answer answer() {
    return new CallerFuzz.Answer(status, headers, text());
  }

  public String text() {
    return body.toString(StandardCharsets.UTF_8);
  }

  public JsonNode json() {
    return parse(text());
  }

  /** The time limit that the function set; zero if it set none. */
  public Duration limit() {
    return limit;
  }

  /** The type of the error that the function reported; empty if it reported none. */
  public String failure() {
    return failure;
  }

  /** The events of a stream, each with its name, if it has one, and its data. */
  public List<String> events() {
    return Arrays.stream(text().split("\n\n")).map(it -> it.replace("\n", " ")).toList();
  }

  public static JsonNode parse(String text) {
    try {
      return Json.PASSED.parse(text);
    } catch (MalformedJsonException e) {
      throw new AssertionError(text, e);
    }
  }

  @Override
  public OutputStream begin(int code, Map<String, String> values) {
    status = code;
    headers = values;
    return body;
  }

  @Override
  public void fail(String errorType, String errorMessage) {
    failure = errorType;
  }

  @Override
  public void onDisconnect(Runnable task) {}

  @Override
  public void limit(Duration time) {
    limit = time;
  }

  @Override
  public void afterwards(Runnable work) {
    afterwards = work;
  }
}
