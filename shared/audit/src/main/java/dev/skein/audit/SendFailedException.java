package dev.skein.audit;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Why a queue did not acknowledge a message: names, numbers and IDs, and no part of the message.
 * Immutable.
 */
public final class SendFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String error;
  private final int status;
  private final @Nullable String requestId;

  /**
   * A failure that the queue reported.
   *
   * @param error its name, such as {@code AccessDeniedException}
   * @param status the HTTP status of the reply
   * @param requestId the queue's ID of the request
   */
  public SendFailedException(String error, int status, Optional<String> requestId) {
    super(error + ", status " + status, null, false, false);
    this.error = error;
    this.status = status;
    this.requestId = requestId.orElse(null);
  }

  /** The queue did not reply, because of {@code cause}. */
  public SendFailedException(Throwable cause) {
    super(cause.getClass().getSimpleName(), cause);
    this.error = cause.getClass().getSimpleName();
    this.status = 0;
    this.requestId = null;
  }

  /** The queue's name for the error, or the name of the exception that stopped the send. */
  public String error() {
    return error;
  }

  /** The HTTP status, if the queue replied. */
  public OptionalInt status() {
    return status == 0 ? OptionalInt.empty() : OptionalInt.of(status);
  }

  /** The queue's ID of the request, which AWS Support asks for. */
  public Optional<String> requestId() {
    return Optional.ofNullable(requestId);
  }
}
