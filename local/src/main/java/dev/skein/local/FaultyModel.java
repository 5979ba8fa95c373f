package dev.skein.local;

import static java.util.stream.Collectors.joining;

import dev.skein.faults.Fault;
import dev.skein.faults.FaultCatalogue;
import dev.skein.faults.Reply;
import dev.skein.faults.ScriptedModel;
import dev.skein.local.console.StartupException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A model that fails on purpose: each request that it gets meets the next of its faults. For people
 * who want to see what comes of them.
 */
final class FaultyModel implements AutoCloseable {
  private final ScriptedModel server;
  private final List<Fault> faults;
  private final AtomicInteger turn = new AtomicInteger();

  private FaultyModel(ScriptedModel server, List<Fault> faults) {
    this.server = server;
    this.faults = faults;
    server.script(_ -> next());
  }

  /**
   * Starts it on a port.
   *
   * @param names of faults or families; {@code all} are all
   * @throws StartupException when one is unknown
   */
  static FaultyModel start(int port, List<String> names) {
    var faults = new ArrayList<Fault>();
    names.forEach(name -> faults.addAll(named(name)));
    return new FaultyModel(ScriptedModel.start(port), List.copyOf(faults));
  }

  int port() {
    return server.port();
  }

  /** The faults in their turn, in words for a person. */
  String told() {
    return faults.stream().map(Fault::name).collect(joining(", "));
  }

  private Reply next() {
    int request = turn.getAndIncrement();
    Fault fault = faults.get(request % faults.size());
    // What passes with the second attempt passes every other time.
    return fault.replies().apply(request / faults.size() % 2 + 1);
  }

  private static List<Fault> named(String name) {
    var found = servable().filter(it -> isMeant(it, name)).toList();
    if (found.isEmpty()) {
      throw new StartupException(
          "MODEL_FAULTS has %s, which is no fault that the model can meet; there are all, the families %s, and of these: %s."
              .formatted(
                  name,
                  servable().map(Fault::family).distinct().collect(joining(", ")),
                  servable().map(Fault::name).collect(joining(", "))));
    }
    return found;
  }

  private static boolean isMeant(Fault fault, String name) {
    return name.equals("all") || fault.family().equals(name) || fault.name().equals(name);
  }

  /** Those that need no other address. */
  private static Stream<Fault> servable() {
    return FaultCatalogue.all().stream().filter(it -> it.place() == Fault.Place.MODEL);
  }

  @Override
  public void close() {
    server.close();
  }
}
