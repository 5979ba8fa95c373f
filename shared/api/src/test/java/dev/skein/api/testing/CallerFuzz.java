package dev.skein.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Sends hostile events to a function, and holds its answers to the rules: no exception, no 5xx, no
 * text of a parser, no line break in a header, errors in one of the two formats, and nothing of a
 * caller's secrets in the log.
 *
 * <p>{@code -Dskein.fuzz.executions} is the number of events, and {@code -Dskein.seed} selects
 * them.
 */
public final class CallerFuzz {

  private static final long EXECUTIONS = Long.getLong("skein.fuzz.executions", 4_000);
  private static final long SEED = Long.getLong("skein.seed", 1);

  /** Events until there is a new environment, because it keeps what it has seen. */
  private static final int BATCH = 250;

  /** Words of Java's and Jackson's messages. */
  private static final List<String> OF_A_PARSER =
      List.of(
          "Exception",
          "java.",
          "jackson",
          "[Source",
          "Unexpected",
          "Unrecognized token",
          "line:",
          "column:",
          "JsonToken",
          "StreamReadConstraints",
          "For input string",
          "Cannot deserialize");

  /** What the caller of one event gets. */
  public record Answer(int status, Map<String, String> headers, String text) {}

  /** A function and its environment. */
  public interface Target extends AutoCloseable {
    /** Calls the function, and waits until all of its work is done. */
    Answer call(byte[] event) throws IOException;

    /** Every log line so far. */
    List<String> log();

    @Override
    void close();
  }

  private CallerFuzz() {}

  /** Sends as many events as the system property says. */
  public static void run(List<ObjectNode> samples, Supplier<Target> targets) {
    run(EXECUTIONS, samples, targets);
  }

  /** As {@link #run(List, Supplier)}, with an eighth of the events, where each takes longer. */
  public static void runFewer(List<ObjectNode> samples, Supplier<Target> targets) {
    run(EXECUTIONS / 8, samples, targets);
  }

  private static void run(long executions, List<ObjectNode> samples, Supplier<Target> targets) {
    for (long batch = 0; batch * BATCH < executions; batch++) {
      var hostile = new HostileEvents(SEED + batch, samples);
      try (Target target = targets.get()) {
        long events = Math.min(BATCH, executions - batch * BATCH);
        for (int i = 0; i < events; i++) {
          byte[] event = hostile.next();
          String name = "skein.seed=%d, event %d: %s".formatted(SEED + batch, i, start(event));
          check(name, event, target);
        }
        checkLog("skein.seed=%d".formatted(SEED + batch), target);
      }
    }
  }

  /** Sends one event, and fails unless the answer follows the rules. */
  static void check(String name, byte[] event, Target target) {
    check(name, event, call(name, target, event));
  }

  /** Fails unless the log follows the rules. */
  static void checkLog(String name, Target target) {
    assertThat(target.log())
        .as(name)
        .noneMatch(line -> line.contains("\"event\":\"bug\""))
        .noneMatch(line -> line.contains("\n"))
        .noneMatch(line -> HostileEvents.CANARIES.stream().anyMatch(line::contains));
  }

  private static Answer call(String name, Target target, byte[] event) {
    try {
      return target.call(event);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw new AssertionError(name, e);
    }
  }

  private static void check(String name, byte[] event, Answer answer) {
    // A caller may ask for less time than a call of the model takes.
    boolean impatient =
        answer.status() == 504 && new String(event, StandardCharsets.UTF_8).contains("imeout");
    assertThat(answer.status()).as(name).isBetween(200, impatient ? 504 : 499);
    assertThat(answer.text()).as(name).doesNotContain(OF_A_PARSER);
    assertThat(answer.text()).as(name).doesNotContain(HostileEvents.CANARIES);
    assertThat(answer.headers().values()).as(name).allMatch(value -> value.matches("[ -~]*"));
    if (answer.status() >= 400 && !answer.text().isEmpty()) {
      checkError(name, answer);
    }
  }

  private static void checkError(String name, Answer answer) {
    JsonNode error;
    try {
      error = Json.EVENT.parse(answer.text());
    } catch (MalformedJsonException e) {
      throw new AssertionError(name, e);
    }
    if (error.has("error")) {
      assertThat(error.at("/error/message").textValue()).as(name).isNotEmpty();
      assertThat(error.at("/error/code").textValue()).as(name).isNotEmpty();
    } else {
      assertThat(answer.headers()).as(name).containsValue("application/problem+json");
      assertThat(error.path("type").textValue()).as(name).startsWith("urn:skein:problem:");
      assertThat(error.path("status").intValue()).as(name).isEqualTo(answer.status());
    }
  }

  /** The beginning of an event, for a report. */
  static String start(byte[] event) {
    String text = new String(event, StandardCharsets.ISO_8859_1);
    return text.substring(0, Math.min(text.length(), 4000));
  }
}
