package dev.skein.local.chaos;

import dev.skein.faults.Chunks;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedReply;
import dev.skein.local.chaos.ChaosPlan.Kill;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A model that repeats what it is asked, and counts the calls of each request. While it is called,
 * the process that calls it may be killed. Thread-safe.
 */
final class ModelScript implements Function<ModelRequest, ScriptedReply> {
  /** Longer than a kill takes; afterwards it was missed, and the request goes on. */
  private static final Duration UNTIL_KILLED = Duration.ofSeconds(9);

  private static final Duration WHILE_TERMINATED = Duration.ofMillis(200);
  private static final int MAX_PAUSE_MICROS = 8_000;

  private final ChaosPlan plan;
  private final Killer killer;
  private final Map<Integer, Integer> calls = new ConcurrentHashMap<>();
  private volatile int port;

  ModelScript(ChaosPlan plan, Killer killer) {
    this.plan = plan;
    this.killer = killer;
  }

  /** The port of the model's server. */
  void serveOn(int serverPort) {
    port = serverPort;
  }

  /** How often the model was called for a request. */
  int calls(int request) {
    return calls.getOrDefault(request, 0);
  }

  @Override
  public ScriptedReply apply(ModelRequest call) {
    String text = call.lastUserMessage();
    var request = plan.request(ChaosPlan.number(text).orElseThrow());
    calls.merge(request.number(), 1, Integer::sum);
    var reply = ScriptedReply.text("echo " + text);
    return switch (request.kill()) {
      case MODEL_CALLED -> {
        killer.kill(request, call.clientPort(), port);
        yield reply.after(UNTIL_KILLED);
      }
      case TERMINATED -> {
        killer.terminate(request, call.clientPort(), port);
        yield reply.after(WHILE_TERMINATED);
      }
      case INTENT_ACKNOWLEDGED -> reply.after(UNTIL_KILLED);
      case MODEL_REPLIED -> {
        killSoon(request, call.clientPort());
        yield reply;
      }
      case STREAMING -> {
        killer.note(request, call.clientPort(), port);
        yield ScriptedReply.stream("echo ", text).first(3).ending(Chunks.Ending.OPEN);
      }
      default -> request.leaves() ? slowly(text) : reply;
    };
  }

  /** A stream that is not complete when its caller leaves. */
  private static ScriptedReply slowly(String text) {
    return ScriptedReply.stream("echo ", text, " and", " more").pieces(100, Duration.ofMillis(10));
  }

  private void killSoon(ChaosPlan.Request request, int clientPort) {
    int micros = plan.random(Kill.MODEL_REPLIED.name(), request.number()).nextInt(MAX_PAUSE_MICROS);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(Duration.ofNanos(micros * 1000L));
                killer.kill(request, clientPort, port);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }
}
