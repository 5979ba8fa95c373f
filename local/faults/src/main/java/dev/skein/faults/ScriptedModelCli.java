package dev.skein.faults;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The command line of the scripted model.
 *
 * @param status of the responses to messages that contain {@code failContaining}
 * @param failContaining empty for every message
 */
record ScriptedModelCli(int port, Duration delay, int status, String failContaining) {
  private static final String USAGE =
      """
      Runs a scripted model. Set OPENAI_BASE_URL=http://127.0.0.1:<port>/v1 to use it.
        --port N                listens on this port (default 9700; 0 for any free port)
        --delay-ms N            waits before each response (default 0)
        --status N              responds with this error (default 500 with --fail-containing)
        --fail-containing TEXT  fails only if the last user message contains TEXT\
      """;

  private static final Map<String, String> DEFAULTS =
      Map.of("--port", "9700", "--delay-ms", "0", "--status", "200", "--fail-containing", "");

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
    var flags = new HashMap<>(DEFAULTS);
    for (int i = 0; i < args.size(); i += 2) {
      String flag = args.get(i);
      if (i + 1 == args.size() || flags.replace(flag, args.get(i + 1)) == null) {
        throw new IllegalArgumentException("unknown flag, or flag without a value: " + flag);
      }
    }
    String text = flags.getOrDefault("--fail-containing", "");
    int status = number(flags, "--status");
    return new ScriptedModelCli(
        number(flags, "--port"),
        Duration.ofMillis(number(flags, "--delay-ms")),
        status == 200 && !text.isEmpty() ? 500 : status,
        text);
  }

  private static int number(Map<String, String> flags, String flag) {
    try {
      return Integer.parseInt(flags.getOrDefault(flag, ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(flag + " needs a number, not " + flags.get(flag), e);
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
