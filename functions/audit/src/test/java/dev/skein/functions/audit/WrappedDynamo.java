package dev.skein.functions.audit;

import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/**
 * A table whose writes misbehave as a test says.
 *
 * @param table takes what gets through
 * @param before sees each write first, and may throw
 * @param after sees each answer last, and may throw it away
 */
record WrappedDynamo(
    DynamoDbClient table,
    UnaryOperator<PutItemRequest> before,
    UnaryOperator<PutItemResponse> after)
    implements DynamoDbClient {

  WrappedDynamo(DynamoDbClient table, UnaryOperator<PutItemRequest> before) {
    this(table, before, UnaryOperator.identity());
  }

  @Override
  public PutItemResponse putItem(PutItemRequest request) {
    return after.apply(table.putItem(before.apply(request)));
  }

  @Override
  public UpdateItemResponse updateItem(UpdateItemRequest request) {
    return table.updateItem(request);
  }

  @Override
  public QueryResponse query(QueryRequest request) {
    return table.query(request);
  }

  @Override
  public GetItemResponse getItem(GetItemRequest request) {
    return table.getItem(request);
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
