package dev.skein.exchange;

/** The model that a provider says has answered: it can write anything there. */
final class ReportedModel {
  private static final int MAX_MODEL = 64;

  private ReportedModel() {}

  /** Whether it looks like a model's name, so that a log or a trace may hold it. */
  static boolean isName(String model) {
    for (int i = 0; i < model.length(); i++) {
      char c = model.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "._-:/@".indexOf(c) >= 0;
      if (!allowed) {
        return false;
      }
    }
    return !model.isEmpty() && model.length() <= MAX_MODEL;
  }
}
