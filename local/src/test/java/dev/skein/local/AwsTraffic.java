package dev.skein.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.FaultProxy;
import dev.skein.faults.ProxiedRequest;
import dev.skein.faults.ProxyFault;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The requests to AWS services, as proxies in front of the services have seen them. Thread-safe.
 */
final class AwsTraffic {
  /** A queue in {@code AUDIT_QUEUE_URL}, a table, or a secret. */
  private static final List<String> NAMES = List.of("QueueUrl", "TableName", "SecretId");

  private final List<Request> requests = new CopyOnWriteArrayList<>();

  /**
   * A request.
   *
   * @param caller the ID of the access key, which is the function's name
   * @param service the prefix of its actions
   */
  record Request(String service, String caller, ProxiedRequest request) {

    /** The permissions that it needs. */
    private Stream<Call> calls() {
      String action = service + ":" + request.operation();
      return resources(request.json()).map(resource -> new Call(caller, action, resource));
    }

    /** Everything but the message, the item or the key that the service is to keep. */
    String envelope() {
      JsonNode body = request.json();
      if (body.isObject()) {
        var others = body.<com.fasterxml.jackson.databind.node.ObjectNode>deepCopy();
        others.remove(List.of("MessageBody", "Entries"));
        return request.headers() + " " + (service.equals("sqs") ? others : "");
      }
      return request.headers() + " " + request.body();
    }
  }

  /** An action of a function on a resource. */
  record Call(String function, String action, String resource) implements Comparable<Call> {
    @Override
    public int compareTo(Call other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return function + " " + action + " " + resource;
    }
  }

  /** A script that fails nothing, and records everything. */
  FaultProxy.Script recording(String service) {
    return request -> {
      record(service, request);
      return new ProxyFault.None();
    };
  }

  void record(String service, ProxiedRequest request) {
    requests.add(new Request(service, request.accessKey(), request));
  }

  /** The requests of functions. */
  List<Request> ofFunctions() {
    return requests.stream().filter(it -> it.caller().contains("Function")).toList();
  }

  /** What the functions have called. Requests without an operation only open a connection. */
  Set<Call> calls() {
    return ofFunctions().stream()
        .flatMap(Request::calls)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** How many requests there were by function, action and resource. */
  Map<Call, Long> counts() {
    return ofFunctions().stream()
        .flatMap(Request::calls)
        .collect(Collectors.groupingBy(it -> it, Collectors.counting()));
  }

  private static Stream<String> resources(JsonNode body) {
    if (body.has("RequestItems")) {
      return body.path("RequestItems").propertyStream().map(Map.Entry::getKey);
    }
    String name =
        NAMES.stream()
            .map(it -> body.path(it).asText())
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse("unknown");
    String resource = name.startsWith("http") ? name.substring(name.lastIndexOf('/') + 1) : name;
    return Stream.of(
        body.has("IndexName") ? resource + "/index/" + body.path("IndexName").asText() : resource);
  }
}
