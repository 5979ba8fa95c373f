package dev.skein.functions.audit;

import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/** Translates the errors of calls of the table. */
final class TableFailure {
  private TableFailure() {}

  /** The result of {@code call}, or why the table did not do it. Other exceptions are bugs. */
  static StoreResult resultOf(Supplier<StoreResult> call) {
    try {
      return call.get();
    } catch (DynamoDbException e) {
      return of(e);
    } catch (SdkClientException | UncheckedIOException e) {
      // The second comes from a response that was interrupted because the call ran out of time.
      return new NotStored(FailureReason.UNAVAILABLE, e.getClass().getSimpleName());
    }
  }

  private static NotStored of(DynamoDbException e) {
    String code = e.awsErrorDetails() == null ? "none" : e.awsErrorDetails().errorCode();
    if (e.isThrottlingException()) {
      return new NotStored(FailureReason.THROTTLED, code);
    }
    // The request itself is always valid, so this is about the item: over 400 KB, or a number out
    // of range.
    return "ValidationException".equals(code)
        ? new NotStored(FailureReason.POISON, "the item is too large or has a value out of range")
        : new NotStored(FailureReason.UNAVAILABLE, code);
  }
}
