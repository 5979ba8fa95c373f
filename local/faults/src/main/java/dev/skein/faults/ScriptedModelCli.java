package dev.skein.faults;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The scripted model as a program.
 *
 * @param status of the answers to messages that hold {@code failContaining}
 * @param failContaining empty for every message
 */
record ScriptedModelCli(int port, Duration delay, int status, String failContaining) {
  private static final String USAGE =
      """
      Runs a scripted model. Set OPENAI_BASE_URL=http://127.0.0.1:<port>/v1 to use it.
        --port N                listens here (default 9700; 0 takes a free one)
        --delay-ms N            waits before each answer (default 0)
        --status N              answers with this error (default 500 with --fail-containing)
        --fail-containing TEXT  only when the last user message holds TEXT\
      """;

  static void run(String[] args) throws InterruptedException {
    ScriptedModelCli settings;
    try {
      settings = parse(List.of(args));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(USAGE);
      return;
    }
    try (var model = ScriptedModel.start(settings.port(), ScriptedModelCli::print)) {
      model.script(settings::reply);
      System.out.println("scripted model: OPENAI_BASE_URL=" + model.baseUrl());
      new CountDownLatch(1).await();
    }
  }

  static ScriptedModelCli parse(List<String> args) {
    var settings = new ScriptedModelCli(9700, Duration.ZERO, 200, "");
    for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
      String flag = rest.next();
      if (!rest.hasNext()) {
        throw new IllegalArgumentException("unknown flag, or one without its value: " + flag);
      }
      settings = settings.with(flag, rest.next());
    }
    return settings;
  }

  private ScriptedModelCli with(String flag, String value) {
    return switch (flag) {
      case "--port" -> new ScriptedModelCli(number(flag, value), delay, status, failContaining);
      case "--delay-ms" ->
          new ScriptedModelCli(
              port, Duration.ofMillis(number(flag, value)), status, failContaining);
      case "--status" -> new ScriptedModelCli(port, delay, number(flag, value), failContaining);
      case "--fail-containing" ->
          new ScriptedModelCli(port, delay, status == 200 ? 500 : status, value);
      default -> throw new IllegalArgumentException("unknown flag: " + flag);
    };
  }

  private static int number(String flag, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(flag + " takes a number, not " + value, e);
    }
  }

  ScriptedReply reply(ModelRequest request) {
    boolean fails = status != 200 && request.lastUserMessage().contains(failContaining);
    ScriptedReply reply =
        fails
            ? ScriptedReply.error(
                status, status == 429 ? "rate_limit_error" : "server_error", "scripted")
            : ScriptedReply.text("reply to: " + request.lastUserMessage());
    return delay.isZero() ? reply : reply.after(delay);
  }

  private static void print(ModelRequest request) {
    System.out.printf(
        "%d on connection %d: %s %s, model %s, user says: %s%n",
        request.number(),
        request.connection(),
        request.method(),
        request.path(),
        request.json().path("model").asText("-"),
        request.lastUserMessage().lines().findFirst().orElse(""));
  }
}
