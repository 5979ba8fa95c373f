package dev.skein.exchange;

import java.util.Optional;

/**
 * The trace of an invocation, if X-Ray samples it.
 *
 * @param traceId such as {@code 1-5759e988-bd862e3fe1be46a994272793}
 * @param parentId the ID of the function's own segment, 16 hexadecimal digits
 * @see <a
 *     href="https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader">X-Ray
 *     tracing header</a>
 */
record TracingHeader(String traceId, String parentId) {
  private static final int TRACE_ID_LENGTH = 35;
  private static final int PARENT_ID_LENGTH = 16;

  /** Empty for a trace that is not sampled, and for a header in any other form. */
  static Optional<TracingHeader> sampled(String header) {
    String traceId = "";
    String parentId = "";
    boolean sampled = false;
    for (String field : header.split(";", -1)) {
      int equals = field.indexOf('=');
      String value = field.substring(equals + 1).strip();
      switch (equals < 0 ? "" : field.substring(0, equals).strip()) {
        case "Root" -> traceId = value;
        case "Parent" -> parentId = value;
        case "Sampled" -> sampled = value.equals("1");
        default -> {
          // Lineage and Self are for the platform.
        }
      }
    }
    return sampled && isTraceId(traceId) && isHex(parentId, PARENT_ID_LENGTH)
        ? Optional.of(new TracingHeader(traceId, parentId))
        : Optional.empty();
  }

  private static boolean isTraceId(String id) {
    return id.length() == TRACE_ID_LENGTH
        && id.startsWith("1-")
        && id.charAt(10) == '-'
        && isHex(id.substring(2, 10), 8)
        && isHex(id.substring(11), 24);
  }

  private static boolean isHex(String text, int length) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.digit(text.charAt(i), 16) < 0) {
        return false;
      }
    }
    return text.length() == length;
  }
}
