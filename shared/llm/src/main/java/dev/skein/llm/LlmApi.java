package dev.skein.llm;

/** One of the provider's APIs that a request can be for. */
public enum LlmApi {
  /** Chat completions. Only here does Skein adapt a request to what the model accepts. */
  CHAT_COMPLETIONS("/chat/completions", "messages"),
  /** Legacy text completions: a prompt is continued. */
  COMPLETIONS("/completions", "prompt"),
  /** Embeddings: one vector for each input. Never streamed, and asked of one endpoint only. */
  EMBEDDINGS("/embeddings", "input");

  private final String path;
  private final String input;

  LlmApi(String path, String input) {
    this.path = path;
    this.input = input;
  }

  /** The path below the base URL, with a slash at its start. */
  public String path() {
    return path;
  }

  /** The name of the request's field that every request has. */
  String input() {
    return input;
  }
}
