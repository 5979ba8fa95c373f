package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import java.util.List;

/** The wire, as a call sees it: a request goes out, and its listener hears what comes of it. */
interface Transport {

  /** Makes one exchange ready. */
  Exchange prepare(Endpoint endpoint, LlmRequest request, boolean streaming, Listener listener);

  /** An exchange under way. Thread-safe. */
  interface Exchange {

    /** Sends the request. Returns at once; the listener may hear of its end before that. */
    void start();

    /** Asks for the next piece of the body, after {@link Listener#read}. */
    void more();

    /** Closes the connection, unless the exchange has ended. Nothing is told of it any more. */
    void close();

    /**
     * Closes the connection because the next sign has not come in time.
     *
     * @return what the exchange has come to
     */
    Attempt abandon();
  }

  /** Hears the signs of one exchange, one after the other; none after {@link #ended}. */
  interface Listener {

    /** The head of the answer is there; the body's first piece is on its way unasked. */
    void head();

    /**
     * A piece of the body was read. No other one is before {@link Exchange#more}.
     *
     * @param pieces what of the answer it brought; may be empty
     * @param finishing whether all that is still missing is an end mark
     */
    void read(List<Delta> pieces, boolean finishing);

    /** The exchange is over. */
    void ended(Attempt attempt);
  }
}
