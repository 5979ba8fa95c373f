package dev.skein.faults;

/**
 * A client's close of a connection on which an answer was not finished.
 *
 * @param request the number of the call that was not finished
 * @param nanoTime {@link System#nanoTime} when the server saw it
 * @param reset whether it was an abort (RST) and not an orderly close
 */
public record AbandonedCall(int request, long nanoTime, boolean reset) {}
