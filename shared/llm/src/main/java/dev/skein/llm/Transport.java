package dev.skein.llm;

import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** Sends requests to endpoints. */
interface Transport {

  /** Sends one request, and returns without waiting for the reply. */
  Exchange open(Endpoint endpoint, RequestBody body);

  /**
   * A request and its reply, which is read signal by signal. One thread reads; any thread may
   * close.
   */
  interface Exchange extends AutoCloseable {

    /**
     * Waits for the next signal. Of the body nothing but its first piece is read ahead: every other
     * one is requested from the network by this call.
     *
     * @param limit how long to wait; {@link Signal.Silence} is returned when it has passed
     */
    Signal next(Duration limit);

    /**
     * Closes the connection at once, unless the reply was read to its end. The reader, who may be
     * waiting, gets {@link Signal.Closed}.
     */
    @Override
    void close();
  }

  /** What is read from an exchange: a head, any number of pieces, and an end. */
  sealed interface Signal {

    /** The status line and the headers. */
    record Head(int status, HttpHeaders headers) implements Signal {}

    /** A part of the body. */
    record Piece(List<ByteBuffer> bytes) implements Signal {}

    /** The body is complete as far as HTTP can tell. */
    record End() implements Signal {}

    /**
     * The connection failed.
     *
     * @param result what the attempt has come to if no head was read before
     */
    record Failed(AttemptResult result) implements Signal {}

    /** Nothing came within the limit. */
    record Silence() implements Signal {}

    /** The exchange was closed. */
    record Closed() implements Signal {}
  }
}
