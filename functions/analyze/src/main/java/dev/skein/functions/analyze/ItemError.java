package dev.skein.functions.analyze;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.exchange.OutcomeProblems;
import dev.skein.llm.LlmOutcome;

/** What one failed call of many looks like in a reply: the problem's type and detail. */
final class ItemError {
  private ItemError() {}

  static ObjectNode of(LlmOutcome failure) {
    var problem = OutcomeProblems.of(failure).orElseThrow();
    return Json.object().put("type", problem.type()).put("detail", problem.detail());
  }
}
