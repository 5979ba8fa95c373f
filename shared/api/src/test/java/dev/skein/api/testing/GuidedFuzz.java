package dev.skein.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Turns the inputs of a fuzzer that sees what code they reach into hostile events, whose answers
 * are held to the rules of {@link CallerFuzz}. The first byte of an input is the number of a sample
 * whose body is the rest, or from 128 on it says that each further byte is a choice of {@link
 * HostileEvents}. For one thread.
 */
public final class GuidedFuzz {
  private static final int CHOICES = 128;

  /** Events until there is a new environment, because it keeps what it has seen. */
  private static final int BATCH = 250;

  private final List<ObjectNode> samples;
  private final Supplier<CallerFuzz.Target> targets;
  private CallerFuzz.Target target;
  private int events;

  /**
   * @param samples valid events
   */
  public GuidedFuzz(List<ObjectNode> samples, Supplier<CallerFuzz.Target> targets) {
    this.samples = List.copyOf(samples);
    this.targets = targets;
    this.target = targets.get();
  }

  /** Sends the event of one input, and fails unless the answer follows the rules. */
  public void run(byte[] input) {
    byte[] event = event(input);
    String name =
        "input %s: %s"
            .formatted(Base64.getEncoder().encodeToString(input), CallerFuzz.start(event));
    CallerFuzz.check(name, event, target);
    CallerFuzz.checkLog(name, target);
    events++;
    if (events % BATCH == 0) {
      target.close();
      target = targets.get();
    }
  }

  /**
   * Sends the events of inputs that reached new code when they were found.
   *
   * @param corpus the folder of their files
   */
  public void replay(Path corpus) {
    try (var files = Files.list(corpus)) {
      for (Path file : files.sorted().toList()) {
        run(Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(events).as("%s", corpus).isPositive();
    target.close();
  }

  private byte[] event(byte[] input) {
    int first = input.length == 0 ? 0 : Byte.toUnsignedInt(input[0]);
    if (first >= CHOICES) {
      return new HostileEvents(new Choices(input), samples).next();
    }
    ObjectNode event = samples.get(first % samples.size()).deepCopy();
    HostileEvents.addCanaries(event);
    byte[] body = input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
    String text = new String(body, StandardCharsets.UTF_8);
    // As API Gateway does it: text if the bytes are UTF-8.
    if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), body)) {
      event.put("body", text).put("isBase64Encoded", false);
    } else {
      event.put("body", Base64.getEncoder().encodeToString(body)).put("isBase64Encoded", true);
    }
    return Json.EVENT.write(event).getBytes(StandardCharsets.US_ASCII);
  }

  /** Each number is a byte of the input, or two if it may be large; 0 at the end of the input. */
  private static final class Choices implements RandomGenerator {
    private final byte[] input;
    private int at = 1;

    private Choices(byte[] input) {
      this.input = input;
    }

    @Override
    public int nextInt(int bound) {
      int choice = next();
      return (bound > 256 ? choice << 8 | next() : choice) % bound;
    }

    @Override
    public boolean nextBoolean() {
      return (next() & 1) == 1;
    }

    @Override
    public long nextLong() {
      return next();
    }

    private int next() {
      return at < input.length ? Byte.toUnsignedInt(input[at++]) : 0;
    }
  }
}
