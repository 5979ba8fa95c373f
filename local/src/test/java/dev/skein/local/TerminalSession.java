package dev.skein.local;

import java.util.ArrayList;
import java.util.List;

/**
 * What a user sees in two terminals: the stack in the first, and commands with their output in the
 * second.
 *
 * @param start the lines of the stack until it is ready
 * @param steps the commands in order
 */
record TerminalSession(List<String> start, List<Step> steps) {

  /**
   * A command of the second terminal.
   *
   * @param request the line about it in the first
   */
  record Step(String command, String output, String request) {}

  /** As a picture shows it: every line of the first terminal, and then of the second. */
  List<String> lines() {
    var lines = new ArrayList<>(start);
    for (Step step : steps) {
      lines.add(step.request());
    }
    for (Step step : steps) {
      lines.add(TerminalSvg.PROMPT + step.command());
      lines.addAll(step.output().lines().toList());
    }
    return lines;
  }
}
