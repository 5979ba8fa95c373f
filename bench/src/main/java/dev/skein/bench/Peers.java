package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What users would pick instead of this project, from bench/peers: each does the chat of
 * events/chat.json and sends one audit message. One whose toolchain is missing is left out.
 */
final class Peers {

  static final String MANGUM = "FastAPI + AsyncOpenAI + boto3 behind Mangum";
  static final String BOTO3 = "bare boto3";

  private static final String JAVA_SDK = "Java: POJO event, databind, SDK defaults";
  private static final String OPENAI_JAVA = "openai-java + SDK defaults";

  /** Jars whose version says how old an alternative in Java is. */
  private static final Pattern CLIENT = Pattern.compile("(sqs|openai-java-core)-([\\d.]+)\\.jar");

  private final Path house;
  private final PeerInstaller installer;
  private final List<Subject> functions = new ArrayList<>();
  private final List<WarmServer.Program> servers = new ArrayList<>();
  private final Set<String> javaVersions = new TreeSet<>();

  private Peers(Path house) {
    this.house = house;
    this.installer =
        new PeerInstaller(house.resolve("bench/peers"), house.resolve("bench/target/peers"));
  }

  /** Installs them, and prints a line for each that is skipped. */
  static Peers install(Functions ours, boolean heavy) throws InterruptedException {
    Peers peers = new Peers(ours.house());
    peers.attempt(MANGUM, () -> peers.python(MANGUM, "fastapi"));
    peers.attempt(JAVA_SDK, () -> peers.java(ours, JAVA_SDK, "java-sdk", "javasdk"));
    peers.attempt(OPENAI_JAVA, () -> peers.java(ours, OPENAI_JAVA, "openai-java", "openaijava"));
    peers.attempt(BOTO3, () -> peers.python(BOTO3, "bare-boto3"));
    peers.attempt("Node", peers::node);
    peers.attempt("uvicorn", peers::uvicorn);
    if (heavy) {
      peers.attempt("LiteLLM proxy", peers::liteLlm);
    }
    return peers;
  }

  /** Those that Lambda can start. */
  List<Subject> functions() {
    return List.copyOf(functions);
  }

  /** Those that run on a server. */
  List<WarmServer.Program> servers() {
    return List.copyOf(servers);
  }

  /** Versions of the interpreters and of the packages that the peers name. */
  String versions() {
    return Stream.concat(installer.versions().stream(), javaVersions.stream())
        .collect(Collectors.joining(", "));
  }

  private interface Installation {
    void run() throws IOException, InterruptedException;
  }

  private void attempt(String name, Installation installation) throws InterruptedException {
    try {
      installation.run();
    } catch (IOException | MeasurementException e) {
      Progress.print("Skipped: " + name + ", because " + e.getMessage());
    }
  }

  private void python(String name, String folder) throws IOException, InterruptedException {
    Path root = installer.python(folder, "runtime.py");
    Path program = installer.python();
    add(name, root, List.of(program.toString(), root.resolve("runtime.py").toString()));
  }

  private void node() throws IOException, InterruptedException {
    Path root = installer.node("node", "runtime.mjs");
    add(
        "Node: fetch + AWS SDK",
        root,
        List.of(installer.node().toString(), root.resolve("runtime.mjs").toString()));
  }

  private void add(String name, Path root, List<String> command) throws IOException {
    functions.add(
        new Subject(
            name,
            root,
            "app.handler",
            command,
            Map.of(),
            event(),
            Contract.chat(1),
            ZipSize.of(root)));
  }

  private void java(Functions ours, String name, String module, String packageName)
      throws IOException {
    Path zip = house.resolve("bench/peers").resolve(module).resolve("target/" + module + ".zip");
    if (!Files.exists(zip)) {
      throw new MeasurementException("its zip has not been built");
    }
    Path root = Files.createDirectories(ours.work().resolve(module + "/task"));
    Subject.unpack(zip, root);
    javaVersions.addAll(clients(root.resolve("lib")));
    String handler = "dev.skein.peers." + packageName + ".ChatHandler";
    functions.add(
        new Subject(
            name,
            root,
            handler,
            ours.runtime().command(root, handler),
            Map.of(),
            event(),
            Contract.chat(1),
            Files.size(zip)));
  }

  /** Names and versions of the clients among a zip's jars. */
  static List<String> clients(Path jars) throws IOException {
    try (Stream<Path> files = Files.list(jars)) {
      return files
          .map(file -> CLIENT.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> name.group(1) + " " + name.group(2) + " (Java)")
          .sorted()
          .toList();
    }
  }

  private void uvicorn() throws IOException, InterruptedException {
    Path root = installer.python("fastapi", "runtime.py");
    servers.add(
        new WarmServer.Program(
            "FastAPI under uvicorn",
            root,
            List.of(
                installer.python().toString(),
                "-m",
                "uvicorn",
                "app:app",
                "--no-access-log",
                "--log-level",
                "warning",
                "--port"),
            "/chat",
            StreamedRoute.of(event()).body(),
            Contract.chat(1)));
  }

  private void liteLlm() throws IOException, InterruptedException {
    Path root = installer.python("litellm", "config.yaml");
    servers.add(
        new WarmServer.Program(
            "LiteLLM proxy (no audit message)",
            root,
            List.of(
                installer.python().toString(),
                "-m",
                "litellm.proxy.proxy_cli",
                "--config",
                root.resolve("config.yaml").toString(),
                "--port"),
            "/v1/chat/completions",
            Warm.REQUEST,
            Contract.completion()));
  }

  private Path event() {
    return house.resolve("events/chat.json");
  }
}
