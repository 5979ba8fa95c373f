package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Failure;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.ProviderError;
import java.util.Locale;

/** The fields of a log line that say what happened to a call. */
final class OutcomeFields {
  private OutcomeFields() {}

  static void put(LlmOutcome outcome, ObjectNode line) {
    switch (outcome) {
      case Rejected rejected -> {
        put(rejected.error(), line);
        rejected.parameter().ifPresent(name -> line.put("param", name));
      }
      case RateLimited limited -> put(limited.error(), line);
      case Unavailable unavailable -> put(unavailable.failure(), line);
      case TimedOut timedOut -> line.put("limit", name(timedOut.limit()));
      case Malformed malformed -> line.put("reason", malformed.reason());
      case Cut cut -> line.put("reason", cut.reason());
      case Completed _, Refused _, OutOfTokens _, Abandoned _ -> {
        // The problem's name says it all.
      }
    }
  }

  private static void put(Failure failure, ObjectNode line) {
    switch (failure) {
      case ProviderError error -> {
        line.put("upstream_status", error.status());
        error.type().ifPresent(type -> line.put("type", type));
        error.code().ifPresent(code -> line.put("code", code));
      }
      case NoReply reason -> line.put("reason", name(reason));
    }
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
