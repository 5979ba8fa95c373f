package dev.skein.faults;

/**
 * A call whose client closed the connection before the reply was complete.
 *
 * @param request the number of the call
 * @param nanoTime {@link System#nanoTime} when the server saw it
 * @param reset whether the client aborted the connection (RST) instead of closing it (FIN)
 */
public record AbandonedCall(int request, long nanoTime, boolean reset) {}
