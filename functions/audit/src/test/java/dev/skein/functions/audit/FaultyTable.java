package dev.skein.functions.audit;

import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/**
 * A table each of whose calls may fail.
 *
 * @param faults decides the fate of each call; called by many threads
 */
record FaultyTable(DynamoDbClient table, Faults faults) implements DynamoDbClient {

  /** Decides the fate of each call. */
  @FunctionalInterface
  interface Faults {
    Fault of(Object request);
  }

  /** What happens to a call. */
  enum Fault {
    NONE,
    /** It has no effect; the table throttles. */
    THROTTLED,
    /** It has no effect; the table cannot be reached. */
    UNREACHABLE,
    /** It has its effect, and its response is lost. */
    RESPONSE_LOST,
    /** Its response is lost, and the SDK repeats it. */
    REPEATED,
    /** It has no effect; a bug throws an exception. */
    EXCEPTION,
    /** It has no effect; an Error is thrown. */
    ERROR
  }

  private <T> T call(Object request, Supplier<T> call) {
    return switch (faults.of(request)) {
      case NONE -> call.get();
      case THROTTLED -> throw throttled();
      case UNREACHABLE -> throw SdkClientException.create("not connected");
      case RESPONSE_LOST -> {
        var _ = call.get();
        throw SdkClientException.create("the response was lost");
      }
      case REPEATED -> {
        var _ = call.get();
        yield call.get();
      }
      case EXCEPTION -> throw new IllegalStateException("a bug");
      case ERROR -> throw new StackOverflowError("an Error");
    };
  }

  private static RuntimeException throttled() {
    return DynamoDbException.builder()
        .statusCode(400)
        .awsErrorDetails(
            AwsErrorDetails.builder().errorCode("ProvisionedThroughputExceededException").build())
        .build();
  }

  @Override
  public PutItemResponse putItem(PutItemRequest request) {
    return call(request, () -> table.putItem(request));
  }

  @Override
  public UpdateItemResponse updateItem(UpdateItemRequest request) {
    return call(request, () -> table.updateItem(request));
  }

  @Override
  public QueryResponse query(QueryRequest request) {
    return call(request, () -> table.query(request));
  }

  @Override
  public GetItemResponse getItem(GetItemRequest request) {
    return call(request, () -> table.getItem(request));
  }

  @Override
  public String serviceName() {
    return table.serviceName();
  }

  @Override
  public void close() {
    table.close();
  }
}
