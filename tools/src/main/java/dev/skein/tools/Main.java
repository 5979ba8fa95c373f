package dev.skein.tools;

import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The command line: {@code java -jar skein-audit.jar replay|verify}. */
public final class Main {
  private static final int OK = 0;
  private static final int FINDINGS = 1;
  private static final int FAILED = 2;

  private final InputStream in;
  private final PrintStream out;
  private final Progress progress;
  private final Consumer<Duration> wait;
  private final InstantSource clock;

  /**
   * @param wait waits so long, before messages are sent again
   */
  Main(
      InputStream in,
      PrintStream out,
      Progress progress,
      Consumer<Duration> wait,
      InstantSource clock) {
    this.in = in;
    this.out = out;
    this.progress = progress;
    this.wait = wait;
    this.clock = clock;
  }

  /** Runs a command and exits with its code. */
  public static void main(String... arguments) {
    var main =
        new Main(System.in, System.out, Progress.standard(), Main::pause, InstantSource.system());
    System.exit(main.run(List.of(arguments)));
  }

  /** Runs a command and returns its exit code. */
  int run(List<String> arguments) {
    try {
      if (arguments.isEmpty() || arguments.contains("--help") || arguments.contains("-h")) {
        out.print(Help.of(arguments));
        return arguments.isEmpty() ? FAILED : OK;
      }
      List<String> rest = arguments.subList(1, arguments.size());
      return switch (arguments.getFirst()) {
        case "replay" -> replay(rest);
        case "verify" -> verify(rest);
        default ->
            throw new ToolException("there is no command " + arguments.getFirst() + "; see --help");
      };
    } catch (ToolException e) {
      progress.say("skein-audit: " + e.getMessage());
      return FAILED;
    } catch (RuntimeException e) {
      // Never its message, which may contain a part of a record.
      progress.say("skein-audit: a bug, %s at %s".formatted(e.getClass().getName(), frame(e)));
      return FAILED;
    } finally {
      progress.end();
    }
  }

  private int replay(List<String> arguments) throws ToolException {
    var options =
        Arguments.parse(
            arguments,
            Set.of("--queue-url", "--endpoint-url", "--profile", "--from-line"),
            Set.of("--dry-run", "--log-mode"));
    var files = Inputs.files(options.files());
    var events = options.has("--log-mode") ? LoggedRecord.ALL : LoggedRecord.ALTERNATE;
    var replay = new Replay(sender(options), events, progress);
    boolean complete = replay.run(files, options.count("--from-line", 1), in);
    progress.end();
    out.println(replay.summary());
    return complete ? OK : FINDINGS;
  }

  private int verify(List<String> arguments) throws ToolException {
    var options =
        Arguments.parse(
            arguments,
            Set.of("--anchors", "--head", "--settling", "--retention-days", "--since"),
            Set.of());
    var verify = Verify.of(options, in, clock.instant());
    return verify.run(Inputs.files(options.files()), in, out, progress) ? OK : FINDINGS;
  }

  private Optional<QueueSender> sender(Arguments options) throws ToolException {
    if (options.has("--dry-run")) {
      return Optional.empty();
    }
    var queueUrl = options.last("--queue-url");
    if (queueUrl.isEmpty()) {
      throw new ToolException("--queue-url is missing; --dry-run does without");
    }
    var client =
        QueueClients.forQueue(
            queueUrl.get(), options.last("--endpoint-url"), options.last("--profile"));
    return Optional.of(new QueueSender(client, queueUrl.get(), wait));
  }

  private static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  private static String frame(RuntimeException e) {
    return Stream.of(e.getStackTrace())
        .filter(frame -> frame.getClassName().startsWith("dev.skein"))
        .findFirst()
        .map(StackTraceElement::toString)
        .orElse("an unknown place");
  }
}
