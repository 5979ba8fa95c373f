package dev.skein.bench;

/** What a person sees of a measurement. */
final class Progress {

  private Progress() {}

  static void print(String text) {
    System.out.println(text);
  }
}
