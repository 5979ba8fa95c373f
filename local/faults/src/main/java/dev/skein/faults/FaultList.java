package dev.skein.faults;

import dev.skein.faults.Fault.Target;
import dev.skein.faults.Fault.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A list of faults that is being written. */
final class FaultList {
  private final List<Fault> faults = new ArrayList<>();
  private String family = "";

  /** What follows is of this family. */
  void family(String name) {
    family = name;
  }

  /** Every attempt meets this reply. */
  void add(String name, Wire wire, Supplier<ScriptedReply> reply) {
    faults.add(new Fault(family, name, wire, Target.MODEL, _ -> reply.get()));
  }

  /** The base URL leads to another target. */
  void add(String name, Target target) {
    faults.add(
        new Fault(family, name, Wire.ANY, target, _ -> ScriptedReply.text("nobody hears this")));
  }

  /** The first attempt meets this reply, and the next one none. */
  void once(String name, Supplier<ScriptedReply> reply) {
    faults.add(
        new Fault(
            family,
            name,
            Wire.ANY,
            Target.MODEL,
            attempt -> attempt == 1 ? reply.get() : ScriptedReply.text("there")));
  }

  /** Every attempt meets an error object. */
  void error(String name, int status, String code) {
    add(name, Wire.ANY, () -> ScriptedReply.error(status, FaultCatalogue.PROSE, code));
  }

  List<Fault> faults() {
    return List.copyOf(faults);
  }
}
