package dev.skein.faults;

import dev.skein.faults.Fault.Target;
import dev.skein.faults.Fault.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Builds the list of faults. */
final class FaultList {
  private final List<Fault> faults = new ArrayList<>();
  private String family = "";

  /** The faults that follow belong to this family. */
  void family(String name) {
    family = name;
  }

  /** Every attempt at a whole reply meets this one. */
  void whole(String name, ScriptedReply reply) {
    add(name, Wire.WHOLE, Target.MODEL, _ -> reply);
  }

  /** Every attempt at a streamed reply meets this one. */
  void stream(String name, ScriptedReply reply) {
    add(name, Wire.STREAM, Target.MODEL, _ -> reply);
  }

  /** Every attempt meets this reply. */
  void any(String name, ScriptedReply reply) {
    add(name, Wire.ANY, Target.MODEL, _ -> reply);
  }

  /** The first attempt meets this reply, and later ones succeed. */
  void once(String name, ScriptedReply reply) {
    add(
        name,
        Wire.ANY,
        Target.MODEL,
        attempt -> attempt == 1 ? reply : ScriptedReply.text("there"));
  }

  /** Every attempt meets an error object. */
  void error(String name, int status, String code) {
    any(name, ScriptedReply.json(status, ErrorFaults.errorObject(code)));
  }

  /** Every attempt meets a 429 with these headers, which may depend on the time. */
  void throttle(String name, Supplier<Map<String, String>> headers) {
    add(
        name,
        Wire.ANY,
        Target.MODEL,
        _ -> ScriptedReply.status(429, headers.get(), FaultCatalogue.PROSE));
  }

  /** The base URL leads to another target than the model. */
  void unreachable(String name, Target target) {
    add(name, Wire.ANY, target, _ -> ScriptedReply.text("never sent"));
  }

  private void add(String name, Wire wire, Target target, IntFunction<ScriptedReply> replies) {
    faults.add(new Fault(family, name, wire, target, replies));
  }

  List<Fault> faults() {
    return List.copyOf(faults);
  }
}
