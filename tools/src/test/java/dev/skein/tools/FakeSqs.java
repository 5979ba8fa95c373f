package dev.skein.tools;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/** A queue that accepts everything, except for what a test has scripted for the next batches. */
final class FakeSqs implements SqsClient {
  final List<SendMessageBatchRequest> requests = new ArrayList<>();
  final List<String> accepted = new ArrayList<>();
  private final Deque<Function<SendMessageBatchRequest, SendMessageBatchResponse>> script =
      new ArrayDeque<>();

  /** Refuses the messages at these indexes of the next batch with an error of its own side. */
  FakeSqs refusing(Integer... indexes) {
    script.add(request -> respond(request, List.of(indexes)));
    return this;
  }

  FakeSqs throwing(RuntimeException failure) {
    script.add(
        _ -> {
          throw failure;
        });
    return this;
  }

  @Override
  public SendMessageBatchResponse sendMessageBatch(SendMessageBatchRequest request) {
    requests.add(request);
    return script.isEmpty() ? respond(request, List.of()) : script.remove().apply(request);
  }

  private SendMessageBatchResponse respond(SendMessageBatchRequest request, List<Integer> failed) {
    var successful = new ArrayList<SendMessageBatchResultEntry>();
    var failures = new ArrayList<BatchResultErrorEntry>();
    List<SendMessageBatchRequestEntry> entries = request.entries();
    for (int i = 0; i < entries.size(); i++) {
      String id = entries.get(i).id();
      if (failed.contains(i)) {
        failures.add(BatchResultErrorEntry.builder().id(id).code("InternalError").build());
      } else {
        accepted.add(entries.get(i).messageBody());
        successful.add(SendMessageBatchResultEntry.builder().id(id).build());
      }
    }
    return SendMessageBatchResponse.builder().successful(successful).failed(failures).build();
  }

  @Override
  public String serviceName() {
    return "sqs";
  }

  @Override
  public void close() {}
}
