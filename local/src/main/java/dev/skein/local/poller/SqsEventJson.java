package dev.skein.local.poller;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.local.services.Arns;
import java.util.Base64;
import java.util.List;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** The Lambda event for a batch of SQS messages. */
final class SqsEventJson {

  private static final ObjectMapper JSON = new ObjectMapper();

  private SqsEventJson() {}

  /**
   * @param queue the name of the queue
   */
  static byte[] of(List<Message> messages, String queue) {
    ObjectNode event = JSON.createObjectNode();
    ArrayNode records = event.putArray("Records");
    for (Message message : messages) {
      ObjectNode entry = records.addObject();
      entry.put("messageId", message.messageId());
      entry.put("receiptHandle", message.receiptHandle());
      entry.put("body", message.body());
      ObjectNode attributes = entry.putObject("attributes");
      message.attributesAsStrings().forEach(attributes::put);
      ObjectNode own = entry.putObject("messageAttributes");
      message.messageAttributes().forEach((name, value) -> add(own.putObject(name), value));
      entry.put("md5OfBody", message.md5OfBody());
      entry.put("eventSource", "aws:sqs");
      entry.put("eventSourceARN", Arns.queue(queue));
      entry.put("awsRegion", Arns.REGION);
    }
    try {
      return JSON.writeValueAsBytes(event);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(ObjectNode attribute, MessageAttributeValue value) {
    if (value.stringValue() != null) {
      attribute.put("stringValue", value.stringValue());
    }
    if (value.binaryValue() != null) {
      attribute.put(
          "binaryValue", Base64.getEncoder().encodeToString(value.binaryValue().asByteArray()));
    }
    attribute.putArray("stringListValues");
    attribute.putArray("binaryListValues");
    attribute.put("dataType", value.dataType());
  }
}
