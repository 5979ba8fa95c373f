package dev.skein.api;

import dev.skein.api.Problem.FieldError;
import dev.skein.base.Unicode;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects what is invalid in a request, so that one response reports all of it. Keeps the first 20
 * errors. Not thread-safe: one instance serves one request.
 */
public final class FieldErrors {
  private static final int MAX_ERRORS = 20;
  private static final int MAX_NAME = 64;

  private final List<FieldError> errors = new ArrayList<>();

  /** The JSON pointer of a top-level field or a parameter; a long name is cut. */
  public static String pointer(String name) {
    String shown = name.length() <= MAX_NAME ? name : Unicode.cut(name, MAX_NAME) + "...";
    return "/" + shown.replace("~", "~0").replace("/", "~1");
  }

  /** Adds an error at a JSON pointer, such as {@link #pointer}. */
  public void add(String pointer, String detail) {
    if (errors.size() < MAX_ERRORS) {
      errors.add(new FieldError(pointer, detail));
    }
  }

  /**
   * Ends the reading of a request.
   *
   * @throws RefusedException with all errors (422), if there are any
   */
  public void check() throws RefusedException {
    if (!errors.isEmpty()) {
      throw new RefusedException(Problem.invalidRequest(errors));
    }
  }
}
