package dev.skein.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The project's functions as they are deployed: their zips, and the variables that the template
 * sets and that differ from the defaults.
 *
 * @param house the folder of the whole project, built
 * @param work an empty folder, for the unpacked zips
 */
record Functions(Path house, Path work) {

  static final String CHAT = "chat";
  static final String CHAT_AOT = "chat, AOT zip";
  static final String CHAT_LOG = "chat, `AUDIT_MODE=log`";
  static final String ANALYZE = "analyze";

  /** The script in a zip that starts its function on our own loop, as template.yaml says. */
  static final String WRAPPER = "streaming-runtime";

  private static final String CHAT_HANDLER = "dev.skein.functions.chat.ChatFunction";

  private static final Map<String, String> STREAMING =
      Map.of("RESPONSE_MODE", "streaming", "LLM_STREAMING", "on");

  Functions {
    work = work.toAbsolutePath();
  }

  /** Of the managed runtime. */
  ManagedRuntime runtime() {
    return new ManagedRuntime(house.resolve("local/parts/runtime/target/lib"));
  }

  /** POST /chat. */
  Subject chat() throws IOException {
    Path root = unpacked("chat");
    return new Subject(
        CHAT,
        root,
        CHAT_HANDLER,
        runtime().wrapped(root, CHAT_HANDLER),
        STREAMING,
        event("chat"),
        Contract.chat(2),
        Files.size(zip("chat")));
  }

  /** The same without a queue. */
  Subject chatWithoutQueue() throws IOException {
    return chat()
        .with(Map.of("AUDIT_MODE", "log"))
        .doing(CHAT_LOG, event("chat"), Contract.chat(0));
  }

  /** The same with a sample event whose reply streams, and with a model of its own. */
  Subject streaming(String event, URI model) throws IOException {
    return chat()
        .with(Map.of("OPENAI_BASE_URL", model.toString()))
        .doing("chat, streaming", event(event), Contract.stream());
  }

  /**
   * POST /chat with a JVM and an AOT cache of its own, which {@code provided.al2023} starts by the
   * program {@code bootstrap}; none if that zip has not been built.
   */
  List<Subject> chatAot() throws IOException {
    if (!isAotBuilt()) {
      return List.of();
    }
    Path root = unpacked("chat-aot", aotZip());
    return List.of(
        new Subject(
                CHAT_AOT,
                root,
                CHAT_HANDLER,
                List.of(root.resolve("bootstrap").toString()),
                STREAMING,
                event("chat"),
                Contract.chat(2),
                Files.size(aotZip()))
            .with(Map.of("JAVA_TOOL_OPTIONS", ManagedRuntime.MEMORY)));
  }

  /** POST /analyze and POST /summaries. */
  Subject analyze() throws IOException {
    String handler = "dev.skein.functions.analyze.AnalyzeFunction";
    Path root = unpacked("analyze");
    return new Subject(
        ANALYZE,
        root,
        handler,
        runtime().wrapped(root, handler),
        Map.of("RESPONSE_MODE", "buffered", "LLM_STREAMING", "off"),
        event("analyze"),
        Contract.analyze(),
        Files.size(zip("analyze")));
  }

  /** The consumer of the audit queue, and GET /audit. */
  List<Subject> audit() throws IOException {
    String consumer = "dev.skein.functions.audit.AuditConsumerFunction";
    String reader = "dev.skein.functions.audit.AuditReaderFunction";
    Path root = unpacked("audit");
    long size = Files.size(zip("audit"));
    return List.of(
        new Subject(
            "audit consumer",
            root,
            consumer,
            runtime().wrapped(root, consumer),
            Map.of(),
            event("audit-consumer"),
            Contract.consumer(2),
            size),
        new Subject(
            "audit reader",
            root,
            reader,
            runtime().wrapped(root, reader),
            Map.of(),
            event("audit-reader"),
            Contract.reader(),
            size));
  }

  /** What checks the callers' keys for API Gateway. */
  Subject authorizer() throws IOException {
    String handler = "dev.skein.functions.authorizer.AuthorizerFunction";
    Path root = unpacked("authorizer");
    return new Subject(
        "authorizer",
        root,
        handler,
        runtime().wrapped(root, handler),
        Map.of(),
        event("authorizer"),
        Contract.authorizer(),
        Files.size(zip("authorizer")));
  }

  /** Everything that has a cold start, floors first. */
  List<Subject> all() throws IOException {
    List<Subject> all = new ArrayList<>(Floor.of(house, runtime(), chat().root(), work));
    all.add(authorizer());
    all.add(chat());
    all.addAll(chatAot());
    all.add(analyze());
    all.addAll(audit());
    return all;
  }

  /** What answers events/chat.json. */
  List<Subject> chats() throws IOException {
    List<Subject> chats = new ArrayList<>(List.of(chat(), chatWithoutQueue()));
    chats.addAll(chatAot());
    return chats;
  }

  Path event(String name) {
    return house.resolve("events").resolve(name + ".json");
  }

  /** Whether {@link #chatAot} has a zip to start. */
  boolean isAotBuilt() {
    return Files.exists(aotZip());
  }

  private Path aotZip() {
    return house.resolve("functions/chat/target/chat-aot.zip");
  }

  private Path zip(String function) {
    return house.resolve("functions").resolve(function).resolve("target/" + function + ".zip");
  }

  private Path unpacked(String function) throws IOException {
    return unpacked(function, zip(function));
  }

  private Path unpacked(String name, Path zip) throws IOException {
    Path root = work.resolve(name).resolve("task");
    if (!Files.exists(root)) {
      Subject.unpack(zip, Files.createDirectories(root));
    }
    return root;
  }
}
