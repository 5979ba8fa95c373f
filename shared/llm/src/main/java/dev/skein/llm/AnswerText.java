package dev.skein.llm;

import dev.skein.base.Unicode;
import java.util.Map;

/**
 * The text of an answer while it grows. Halves of a character that come in two pieces are joined,
 * and lone ones replaced. On request, a block of reasoning at the start, which servers without a
 * parser for it leave in the text, is left out. Not thread-safe.
 */
final class AnswerText {
  /** Where a block of reasoning begins, and where it ends. */
  private static final Map<String, String> BLOCKS =
      Map.of("<think>", "</think>", "[THINK]", "[/THINK]");

  private final StringBuilder text = new StringBuilder();

  /** What may still be a half of a character, or the start of a block. */
  private final StringBuilder held = new StringBuilder();

  /** Whether a block may begin, or goes on. */
  private boolean atStart;

  private boolean afterBlock;

  /** Of the block that goes on; else empty. */
  private String blockEnd = "";

  private boolean hasReasoning;

  private final int maxCollected;

  /**
   * An empty text.
   *
   * @param maxCollected how many characters are collected; more are only returned piece by piece
   */
  AnswerText(boolean withoutReasoning, int maxCollected) {
    this.atStart = withoutReasoning;
    this.maxCollected = maxCollected;
  }

  /** Adds a piece, and returns what it adds to the text that is certain. */
  String add(String piece) {
    held.append(piece);
    if (atStart) {
      skipBlock();
    }
    boolean isHalf = !held.isEmpty() && Character.isHighSurrogate(held.charAt(held.length() - 1));
    return atStart ? "" : release(held.length() - (isHalf ? 1 : 0));
  }

  /** Returns what was held back, when nothing is expected to follow. Blanks alone are no answer. */
  String rest() {
    atStart &= held.toString().isBlank() || !blockEnd.isEmpty();
    return atStart ? "" : release(held.length());
  }

  /** Whether all of a piece can be collected. */
  boolean fits(String piece) {
    return piece.length() <= maxCollected - text.length() - held.length();
  }

  boolean hasReasoning() {
    return hasReasoning;
  }

  /** The text that is certain, or its beginning. */
  @Override
  public String toString() {
    return text.toString();
  }

  private void skipBlock() {
    if (blockEnd.isEmpty() && !afterBlock) {
      beginBlock();
    }
    if (!blockEnd.isEmpty()) {
      int end = held.indexOf(blockEnd);
      // Of the block itself only what may be the start of its end is kept.
      held.delete(
          0, end < 0 ? Math.max(0, held.length() - blockEnd.length()) : end + blockEnd.length());
      afterBlock = end >= 0;
      blockEnd = afterBlock ? "" : blockEnd;
    }
    if (afterBlock) {
      String answer = held.toString().stripLeading();
      held.setLength(0);
      held.append(answer);
      atStart = answer.isEmpty();
    }
  }

  private void beginBlock() {
    String start = held.toString().stripLeading();
    atStart = BLOCKS.keySet().stream().anyMatch(block -> block.startsWith(start));
    BLOCKS.forEach(
        (begin, end) -> {
          if (start.startsWith(begin)) {
            atStart = true;
            hasReasoning = true;
            blockEnd = end;
          }
        });
  }

  private String release(int length) {
    String piece = unicode(held.substring(0, length));
    held.delete(0, length);
    text.append(Unicode.cut(piece, maxCollected - text.length()));
    return piece;
  }

  /** With a replacement character for each lone half of a character, which no UTF-8 can have. */
  static String unicode(String text) {
    if (!Unicode.hasLoneSurrogate(text)) {
      return text;
    }
    return text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
