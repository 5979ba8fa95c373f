package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures what auditing adds to a warm chat, as its caller sees it, and reports it as a page. */
final class AuditReport {
  private static final String COMMAND = "mvn -Pbench package -pl bench -am -Dbench.what=audit";

  private static final int WARM_UP = 50;
  private static final int CALLS = 500;
  private static final Duration MODEL_TIME = Duration.ofMillis(200);
  private static final Duration QUEUE_TIME = Duration.ofMillis(10);

  private static final String LOG = "`log`: nothing waits";
  private static final String DEFAULT = "`default`: the reply waits for the intent";
  private static final String STRICT = "`strict`: the model call waits too, and the reply for both";

  private AuditReport() {}

  static String measure(Path house) throws IOException, InterruptedException {
    String machine = Machine.describe();
    Progress.print("Measuring what auditing adds: %d chats of each mode.".formatted(CALLS));
    var functions = new Functions(house, Folder.empty(house.resolve("bench/target/audited")));
    Map<String, Subject> modes = new LinkedHashMap<>();
    modes.put(LOG, functions.chatWithoutQueue());
    modes.put(DEFAULT, functions.chat().with(Map.of("AUDIT_MODE", "default")));
    modes.put(STRICT, functions.chat().with(Map.of("AUDIT_MODE", "strict")));
    var spreads = spreads(modes);
    return """
    # What auditing adds to a chat, measured

    %s, with `%s`. What the figures mean is in [the read-me](../README.md).

    Milliseconds from handing out the event until the whole response has arrived: %d warm chats of each mode, in turns, with a model that
    takes %d ms and a queue that takes %d ms to acknowledge a message.

    %s\
    """
        .formatted(
            machine,
            COMMAND,
            CALLS,
            MODEL_TIME.toMillis(),
            QUEUE_TIME.toMillis(),
            table(spreads).markdown());
  }

  private static MarkdownTable table(Map<String, Spread> spreads) {
    Duration without = spreads.getOrDefault(LOG, new Spread(List.of(Duration.ZERO))).median();
    var table = new MarkdownTable("`AUDIT_MODE`", "p50", "p99", "longest", "p50 more than `log`");
    spreads.forEach(
        (mode, spread) ->
            table.times(
                mode,
                spread.median(),
                spread.percentile(99),
                spread.max(),
                spread.median().minus(without)));
    return table;
  }

  private static Map<String, Spread> spreads(Map<String, Subject> modes)
      throws IOException, InterruptedException {
    List<Environment> environments = new ArrayList<>();
    try {
      Map<String, Measurement<Duration>> chats = new LinkedHashMap<>();
      for (var mode : modes.entrySet()) {
        var environment = Environment.start(mode.getValue());
        environments.add(environment);
        chats.put(mode.getKey(), environment::chat);
      }
      Map<String, Spread> spreads = new LinkedHashMap<>();
      Measurement.inTurns(chats, WARM_UP, CALLS, Duration.ZERO)
          .forEach((mode, times) -> spreads.put(mode, new Spread(times)));
      for (Environment environment : environments) {
        environment.checkTraces();
      }
      return spreads;
    } finally {
      environments.forEach(Environment::close);
    }
  }

  /** A function, and a model and a queue for it alone. */
  @SuppressWarnings("ArrayRecordComponent") // sent, never compared
  private record Environment(
      Subject subject, byte[] event, Upstream upstream, FunctionProcess function)
      implements AutoCloseable {

    static Environment start(Subject subject) throws IOException, InterruptedException {
      var upstream = new Upstream(null);
      upstream.modelTime(MODEL_TIME);
      upstream.queueTime(QUEUE_TIME);
      var function = new FunctionProcess(subject, upstream.variables(), _ -> {});
      function.await();
      function.awaitIdle();
      return new Environment(subject, Files.readAllBytes(subject.event()), upstream, function);
    }

    /** Ends when the function has sent its completed record, which would disturb the next one. */
    Duration chat() throws IOException, InterruptedException {
      TimedInvocation invocation = function.invoke(event);
      function.awaitIdle();
      return Duration.ofNanos(invocation.responded() - invocation.handedOut());
    }

    void checkTraces() throws InterruptedException {
      subject.contract().checkTraces(subject.name(), upstream.received(), 1 + WARM_UP + CALLS);
    }

    @Override
    public void close() {
      function.close();
      upstream.close();
    }
  }
}
