package dev.skein.local;

import static java.util.stream.Collectors.joining;

import dev.skein.faults.Fault;
import dev.skein.faults.FaultCatalogue;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.local.console.StartupException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A model that fails on purpose, for experiments: a request whose {@code model} is the name of a
 * fault in its list meets that fault, and any other request the next one of the list.
 */
final class FaultyModel implements AutoCloseable {
  private final ScriptedModel server;
  private final List<Fault> faults;
  private final AtomicInteger turn = new AtomicInteger();

  private FaultyModel(ScriptedModel server, List<Fault> faults) {
    this.server = server;
    this.faults = faults;
    server.script(request -> chosen(request).orElseGet(this::next));
  }

  /**
   * Starts to serve.
   *
   * @param names faults or families, or {@code all}
   * @throws StartupException if a name is unknown
   */
  static FaultyModel start(int port, List<String> names) {
    List<Fault> faults = names.stream().flatMap(name -> named(name).stream()).toList();
    return new FaultyModel(ScriptedModel.start(port), faults);
  }

  int port() {
    return server.port();
  }

  /** The names of the faults, in order. */
  String faults() {
    return faults.stream().map(Fault::name).collect(joining(", "));
  }

  private Optional<ScriptedReply> chosen(ModelRequest request) {
    String model = request.json().path("model").asText();
    return faults.stream()
        .filter(fault -> fault.name().equals(model))
        .findFirst()
        .map(fault -> fault.replies().apply(1));
  }

  private ScriptedReply next() {
    int request = turn.getAndIncrement();
    Fault fault = faults.get(request % faults.size());
    // A fault that passes on the second attempt passes every other time.
    return fault.replies().apply(request / faults.size() % 2 + 1);
  }

  private static List<Fault> named(String name) {
    List<Fault> found =
        servable().filter(it -> List.of("all", it.family(), it.name()).contains(name)).toList();
    if (found.isEmpty()) {
      throw new StartupException(
          "MODEL_FAULTS: unknown fault %s. Use all, a family (%s) or a fault (%s)."
              .formatted(
                  name,
                  servable().map(Fault::family).distinct().collect(joining(", ")),
                  servable().map(Fault::name).collect(joining(", "))));
    }
    return found;
  }

  /** The faults of a server, rather than of the base URL. */
  private static Stream<Fault> servable() {
    return FaultCatalogue.all().stream().filter(it -> it.target() == Fault.Target.MODEL);
  }

  @Override
  public void close() {
    server.close();
  }
}
