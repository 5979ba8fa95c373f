package dev.skein.aws;

import java.time.Instant;
import java.util.Optional;

/** How a call to an AWS service ended. */
public sealed interface AwsReply {

  /**
   * The service answered with a 2xx status.
   *
   * @param body JSON, unless something other than the service answered
   * @param requestId the service's ID of the request, which AWS Support asks for
   */
  record Success(int status, String body, Optional<String> requestId) implements AwsReply {

    /** Without the body, which may contain a secret. */
    @Override
    public String toString() {
      return "Success[status=%d, requestId=%s]".formatted(status, requestId);
    }
  }

  /**
   * The service rejected the call.
   *
   * @param type the error's name without its namespace, such as {@code AccessDeniedException}; or
   *     {@code unknown}
   * @param requestId the service's ID of the request, which AWS Support asks for
   * @param time when the service answered, by its own clock
   */
  record ServiceError(int status, String type, Optional<String> requestId, Optional<Instant> time)
      implements AwsReply {}

  /**
   * There was no complete reply.
   *
   * @param cause a {@link java.util.concurrent.TimeoutException} if the time was up, or what broke
   *     the connection
   */
  record NoReply(Exception cause) implements AwsReply {}
}
