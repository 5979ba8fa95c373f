package dev.skein.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an operator's commands read from CloudFormation and CloudWatch Logs, of a stack on this
 * machine: its outputs, its resources, whose physical IDs are their logical ones, and what its
 * functions have logged.
 */
final class OperatorApis implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern EVENT = Pattern.compile("\\$\\.event = \"(\\w+)\"");
  private static final String XMLNS = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

  private final RunningStack stack;
  private final Map<String, String> outputs;
  private final LoopbackServer server;

  OperatorApis(RunningStack stack) throws IOException {
    this.stack = stack;
    String queues = stack.stack().sqs() + "/000000000000/";
    this.outputs =
        Map.of(
            "ApiUrl",
            stack.stack().api().toString(),
            "AuditQueueUrl",
            queues + "AuditQueue",
            "AuditDeadLetterQueueUrl",
            queues + "AuditDeadLetterQueue",
            "AuditTableName",
            "AuditTable");
    this.server =
        LoopbackServer.start(
            0, Thread::startVirtualThread, it -> it.serve(request -> answer(request, it)));
  }

  /** The variables with which the AWS CLI uses this stack. */
  Map<String, String> variables() {
    URI own = server.uri("");
    return Map.of(
        "AWS_ENDPOINT_URL_CLOUDFORMATION", own.toString(),
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", own.toString(),
        "AWS_ENDPOINT_URL_SQS", stack.stack().sqs().toString(),
        "AWS_ENDPOINT_URL_DYNAMODB", stack.stack().dynamoDb().toString(),
        "AWS_DEFAULT_REGION", "us-east-1",
        "AWS_ACCESS_KEY_ID", "operator",
        "AWS_SECRET_ACCESS_KEY", "operator");
  }

  private void answer(IncomingRequest request, HttpConnection connection) throws IOException {
    String body = new String(request.body().readAllBytes(), StandardCharsets.UTF_8);
    if (request.header("X-Amz-Target").endsWith(".FilterLogEvents")) {
      connection.respond(
          "200 OK", Map.of("Content-Type", "application/x-amz-json-1.1"), utf8(logEvents(body)));
    } else {
      String xml = body.contains("Action=DescribeStacks&") ? stacks() : resource(body);
      connection.respond("200 OK", Map.of("Content-Type", "text/xml"), utf8(xml));
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String stacks() {
    String members =
        outputs.entrySet().stream()
            .map(
                it ->
                    "<member><OutputKey>%s</OutputKey><OutputValue>%s</OutputValue></member>"
                        .formatted(it.getKey(), it.getValue()))
            .collect(Collectors.joining());
    return """
    <DescribeStacksResponse xmlns="%s"><DescribeStacksResult><Stacks><member>\
    <StackName>skein</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>\
    <StackStatus>CREATE_COMPLETE</StackStatus><Outputs>%s</Outputs></member></Stacks>\
    </DescribeStacksResult></DescribeStacksResponse>\
    """
        .formatted(XMLNS, members);
  }

  private static String resource(String body) {
    String id = body.replaceFirst(".*LogicalResourceId=([^&]+).*", "$1").strip();
    return """
    <DescribeStackResourceResponse xmlns="%s"><DescribeStackResourceResult>\
    <StackResourceDetail><LogicalResourceId>%s</LogicalResourceId>\
    <PhysicalResourceId>%s</PhysicalResourceId></StackResourceDetail>\
    </DescribeStackResourceResult></DescribeStackResourceResponse>\
    """
        .formatted(XMLNS, id, URLDecoder.decode(id, StandardCharsets.UTF_8));
  }

  /** The lines of the function that a log group belongs to; of one event, if a pattern names it. */
  private String logEvents(String body) throws IOException {
    var request = JSON.readTree(body);
    String function = request.path("logGroupName").asText().replaceFirst("Logs$", "Function");
    var event = EVENT.matcher(request.path("filterPattern").asText());
    String member = event.find() ? "\"event\":\"" + event.group(1) + "\"" : "";
    var reply = JSON.createObjectNode();
    var events = reply.putArray("events");
    for (var line : stack.functionLines()) {
      if (line.function().equals(function) && line.text().contains(member)) {
        events.addObject().put("logStreamName", "local").put("message", line.text());
      }
    }
    return reply.toString();
  }

  @Override
  public void close() {
    server.close();
  }
}
