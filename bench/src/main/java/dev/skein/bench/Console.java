package dev.skein.bench;

/** What a person sees of a measurement. */
final class Console {

  private Console() {}

  static void say(String text) {
    System.out.println(text);
  }
}
