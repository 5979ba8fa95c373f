package dev.skein.functions.audit;

import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** A format in which records are returned, in the order of preference. */
enum AuditFormat {
  JSON("application/json"),
  JSONL("application/jsonl"),
  NDJSON("application/x-ndjson"),
  CSV("text/csv");

  final String mediaType;

  AuditFormat(String mediaType) {
    this.mediaType = mediaType;
  }

  /**
   * The format that an {@code Accept} header prefers (RFC 9110). A format that is not offered is
   * refused rather than answered with another one: a page of JSON could be taken for an export.
   *
   * @param accept empty accepts everything
   * @param offered what is offered, in the order of preference
   * @throws RefusedException if the header accepts none of them (406)
   */
  static AuditFormat negotiate(String accept, List<AuditFormat> offered) throws RefusedException {
    if (accept.isBlank()) {
      return offered.getFirst();
    }
    List<MediaRange> ranges =
        Arrays.stream(accept.split(",", -1))
            .flatMap(text -> MediaRange.parse(text).stream())
            .toList();
    return offered.stream()
        .filter(format -> quality(format, ranges) > 0)
        // The first of equals.
        .min(Comparator.comparingDouble(format -> -quality(format, ranges)))
        .orElseThrow(() -> new RefusedException(notAcceptable(offered)));
  }

  /** That of the most specific range that matches. */
  private static double quality(AuditFormat format, List<MediaRange> ranges) {
    return ranges.stream()
        .filter(range -> range.matches(format.mediaType))
        .max(Comparator.comparingInt(MediaRange::specificity))
        .map(MediaRange::quality)
        .orElse(0.0);
  }

  private static Problem notAcceptable(List<AuditFormat> offered) {
    return new Problem(
        "not-acceptable",
        "Not acceptable",
        406,
        "This route returns "
            + offered.stream().map(it -> it.mediaType).collect(Collectors.joining(", "))
            + ", none of which the Accept header accepts.");
  }

  private record MediaRange(String type, double quality) {
    private static Optional<MediaRange> parse(String text) {
      String[] parts = text.split(";", -1);
      String type = parts[0].strip().toLowerCase(Locale.ROOT);
      double quality = 1;
      for (int i = 1; i < parts.length; i++) {
        String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
        if (parameter.startsWith("q=")) {
          if (!parameter.matches("q=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)")) {
            return Optional.empty();
          }
          quality = Double.parseDouble(parameter.substring(2));
        }
      }
      return type.isEmpty() ? Optional.empty() : Optional.of(new MediaRange(type, quality));
    }

    private boolean matches(String mediaType) {
      return type.equals(mediaType)
          || type.equals("*/*")
          || (type.endsWith("/*") && mediaType.startsWith(type.substring(0, type.length() - 1)));
    }

    private int specificity() {
      return type.equals("*/*") ? 0 : type.endsWith("/*") ? 1 : 2;
    }
  }
}
