package dev.skein.functions.audit;

import dev.skein.api.Problem;
import java.util.List;
import java.util.Map;

/** Why the trail cannot be returned. */
final class AuditProblems {
  private AuditProblems() {}

  static Problem unavailable() {
    return new Problem(
        "audit-unavailable",
        "Audit trail unavailable",
        503,
        "The audit trail is temporarily unavailable. Retry after the time in Retry-After.",
        List.of(),
        Map.of("Retry-After", "2"));
  }

  static Problem timeUp() {
    return new Problem(
        "audit-unavailable",
        "Audit trail unavailable",
        503,
        "The export did not end within the time limit. Export a shorter range.");
  }

  static Problem exportTooLarge() {
    return new Problem(
        "export-too-large",
        "Export too large",
        422,
        "The export is too large for a response that is not streamed. Export a shorter range, set a"
            + " limit, or read pages of application/json.");
  }
}
