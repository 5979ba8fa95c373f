package dev.skein.faults;

import java.time.Duration;

/** What a {@link FaultProxy} does with one request. */
public sealed interface ProxyFault {

  /** Forwards the request and relays the reply. */
  record None() implements ProxyFault {}

  /** Forwards the request after this time. */
  record Delay(Duration time) implements ProxyFault {}

  /** Resets the connection; the service never sees the request. */
  record ResetBefore() implements ProxyFault {}

  /** Resets the connection once the service has processed the request. */
  record ResetAfter() implements ProxyFault {}

  /** Lets the service process the request, and never replies. */
  record NoReply() implements ProxyFault {}

  /** Relays each byte of the reply after a pause. */
  record SlowReply(Duration pause) implements ProxyFault {}

  /** Forwards the request twice, and relays the second reply. */
  record Twice() implements ProxyFault {}

  /** Forwards another body. */
  record ReplaceBody(String body) implements ProxyFault {}

  /**
   * Replies with an error of the service, which never sees the request.
   *
   * @param status the HTTP status
   * @param type the error's qualified name, as in {@code __type} of AWS JSON 1.0
   */
  record ServiceError(int status, String type) implements ProxyFault {

    /** The name without its namespace. */
    String name() {
      return type.substring(type.indexOf('#') + 1);
    }
  }

  /** An error of Amazon SQS: 500 if it is internal, 403 if access is denied, otherwise 400. */
  static ServiceError sqs(String name) {
    return new ServiceError(status(name), "com.amazonaws.sqs#" + name);
  }

  /** An error of DynamoDB: 500 if it is internal, otherwise 400. */
  static ServiceError dynamoDb(String name) {
    return new ServiceError(status(name), "com.amazonaws.dynamodb.v20120810#" + name);
  }

  private static int status(String name) {
    if (name.startsWith("Internal")) {
      return 500;
    }
    return name.startsWith("AccessDenied") ? 403 : 400;
  }

  /** The name by which the proxy counts it. */
  default String label() {
    return this instanceof ServiceError error ? error.name() : getClass().getSimpleName();
  }
}
