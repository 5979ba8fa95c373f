package dev.skein.http;

import java.net.ProtocolException;

/** The start line and the headers of a message are over their limits. */
public final class HeadTooLargeException extends ProtocolException {

  private static final long serialVersionUID = 1L;

  HeadTooLargeException(String message) {
    super(message);
  }
}
