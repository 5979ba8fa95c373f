package dev.skein.aws;

import dev.skein.aws.AwsReply.ServiceError;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The errors of AWS JSON services: how they are read, and what they mean. */
final class AwsErrors {
  private static final Set<Integer> TRANSIENT_STATUS = Set.of(500, 502, 503, 504);

  private static final Set<String> TRANSIENT =
      Set.of("InternalError", "InternalFailure", "RequestTimeout", "RequestTimeoutException");

  private static final Set<String> THROTTLING =
      Set.of(
          "BandwidthLimitExceeded",
          "ProvisionedThroughputExceededException",
          "RequestLimitExceeded",
          "RequestThrottled",
          "RequestThrottledException",
          "SlowDown",
          "ThrottledException",
          "Throttling",
          "ThrottlingException",
          "TooManyRequestsException");

  private static final Set<String> SIGNATURE_TIME =
      Set.of(
          "AuthFailure",
          "InvalidSignatureException",
          "RequestExpired",
          "RequestInTheFuture",
          "RequestTimeTooSkewed",
          "SignatureDoesNotMatch");

  /** What is logged is a name, not whatever text a broken proxy sends. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

  private AwsErrors() {}

  static ServiceError read(HttpResponse<String> response) {
    return new ServiceError(
        response.statusCode(),
        type(response).orElse("unknown"),
        requestId(response.headers()),
        response.headers().firstValue("Date").flatMap(AwsErrors::time));
  }

  /** The service's ID of the request. */
  static Optional<String> requestId(HttpHeaders headers) {
    return headers.firstValue("x-amzn-RequestId").flatMap(AwsErrors::name);
  }

  static boolean isTransient(ServiceError error) {
    return TRANSIENT_STATUS.contains(error.status()) || TRANSIENT.contains(error.type());
  }

  static boolean isThrottling(ServiceError error) {
    return error.status() == 429 || THROTTLING.contains(error.type());
  }

  /** Whether the time in the signature may be the reason. */
  static boolean mayConcernTime(ServiceError error) {
    return SIGNATURE_TIME.contains(error.type());
  }

  /** A type is {@code Name}, {@code namespace#Name} or {@code Name:http://namespace}. */
  private static Optional<String> type(HttpResponse<String> response) {
    return response
        .headers()
        .firstValue("x-amzn-ErrorType")
        .or(() -> typeIn(response.body()))
        .map(type -> type.substring(type.indexOf('#') + 1))
        .map(type -> type.contains(":") ? type.substring(0, type.indexOf(':')) : type)
        .flatMap(AwsErrors::name);
  }

  private static Optional<String> typeIn(String body) {
    try {
      return Optional.ofNullable(Json.PROVIDER.parse(body).path("__type").textValue());
    } catch (MalformedJsonException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> name(String text) {
    return Optional.of(text).filter(it -> NAME.matcher(it).matches());
  }

  private static Optional<Instant> time(String date) {
    try {
      return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
