package dev.skein.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The whole service on this machine, as {@code mvn -Plocal package} runs it, in a process of its
 * own: front door, functions, queue and table, on free ports.
 */
final class WholeStack implements AutoCloseable {

  private static final Pattern API = Pattern.compile("API on (http://127\\.0\\.0\\.1:\\d+)");
  private static final int START_SECONDS = 120;
  private static final int STOP_SECONDS = 20;
  private static final int LINES = 40;

  private final Process process;
  private final CompletableFuture<URI> api = new CompletableFuture<>();
  private final ArrayDeque<String> last = new ArrayDeque<>();

  private WholeStack(Process process) {
    this.process = process;
  }

  /**
   * Answers requests when it returns.
   *
   * @param model the base URL of the model that answers
   */
  static WholeStack start(Path house, URI model) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.skein.local.Main",
                house.toString())
            .redirectErrorStream(true);
    builder.environment().putAll(settings(model));
    WholeStack stack = new WholeStack(builder.start());
    Thread.ofPlatform().daemon().name("stack-output").start(stack::readOutput);
    stack.await();
    return stack;
  }

  /** One environment: a second one would start cold among the measured requests. */
  private static Map<String, String> settings(URI model) {
    return Map.of(
        "PORT", "0",
        "QUEUE_PORT", "0",
        "TABLE_PORT", "0",
        "MAX_ENVIRONMENTS", "1",
        "MODEL_FAULTS", "",
        "DATA_DIR", "",
        "OPENAI_API_KEY", "none",
        "OPENAI_BASE_URL", model.toString());
  }

  /** Without a path. */
  URI api() {
    return api.join();
  }

  private void await() throws InterruptedException {
    try {
      api.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new MeasurementException("The local stack did not start:\n" + output());
    }
  }

  private void readOutput() {
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        note(line);
        Matcher match = API.matcher(line);
        if (match.find()) {
          api.complete(URI.create(match.group(1)));
        }
      }
    } catch (IOException e) {
      note(e.toString());
    }
    api.completeExceptionally(new IOException("its process has ended"));
  }

  private synchronized void note(String line) {
    last.addLast(line);
    if (last.size() > LINES) {
      last.removeFirst();
    }
  }

  private synchronized String output() {
    return String.join("\n", List.copyOf(last));
  }

  /** Asks it to stop, in order. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
