package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The stand-in's embeddings. Each word has a direction of its own, drawn from its hash, and a text
 * has the sum of its words' directions, normalized: texts that share words are near each other. The
 * same text always gets the same vector.
 */
final class OfflineEmbeddings {
  /** OpenAI's embedding models. */
  static final List<String> MODELS =
      List.of("text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002");

  private static final int MAX_INPUTS = 2048;
  private static final int DIMENSIONS = 1536;
  private static final int DIMENSIONS_LARGE = 3072;

  private OfflineEmbeddings() {}

  /**
   * The reply to a request.
   *
   * @throws ApiException if the request is invalid
   */
  static ObjectNode reply(JsonNode request) {
    List<JsonNode> inputs = inputs(request.path("input"));
    boolean base64 = isBase64(request.path("encoding_format"));
    int dimensions = dimensions(request);
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "list");
    var data = root.putArray("data");
    for (JsonNode input : inputs) {
      float[] vector = vector(input, dimensions);
      ObjectNode item = data.addObject().put("object", "embedding").put("index", data.size() - 1);
      if (base64) {
        item.put("embedding", base64(vector));
      } else {
        var numbers = item.putArray("embedding");
        for (float number : vector) {
          numbers.add(number);
        }
      }
    }
    int tokens = inputs.stream().mapToInt(OfflineEmbeddings::tokens).sum();
    root.put("model", OfflineCompletion.MODEL);
    root.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    return root;
  }

  /** How many tokens an input has: a string, an array of strings or of token IDs. */
  static int tokens(JsonNode input) {
    return input.isTextual()
        ? Tokens.count(input.textValue())
        : input.valueStream().mapToInt(it -> it.isNumber() ? 1 : tokens(it)).sum();
  }

  private static List<JsonNode> inputs(JsonNode input) {
    boolean isOne = input.isTextual() || input.path(0).isNumber();
    List<JsonNode> inputs = isOne ? List.of(input) : input.valueStream().toList();
    if (inputs.isEmpty() || inputs.size() > MAX_INPUTS) {
      throw ApiException.field("input", "\"input\" must have 1 to " + MAX_INPUTS + " inputs.");
    }
    return inputs;
  }

  private static boolean isBase64(JsonNode format) {
    String name = format.asText("float");
    if (!List.of("float", "base64").contains(name)) {
      throw ApiException.field("encoding_format", "\"encoding_format\" must be float or base64.");
    }
    return name.equals("base64");
  }

  private static int dimensions(JsonNode request) {
    boolean large = request.path("model").asText("").equals("text-embedding-3-large");
    int most = large ? DIMENSIONS_LARGE : DIMENSIONS;
    int dimensions = request.path("dimensions").asInt(most);
    if (dimensions < 1 || dimensions > most) {
      throw ApiException.field("dimensions", "\"dimensions\" must be from 1 to " + most + ".");
    }
    return dimensions;
  }

  private static float[] vector(JsonNode input, int dimensions) {
    float[] sum = new float[dimensions];
    for (String word : words(input)) {
      var random = new SplittableRandom(word.hashCode());
      // Of equal weights, words would often cancel each other out where there are few dimensions.
      float weight = 1 + (float) random.nextDouble();
      for (int i = 0; i < dimensions; i += Long.SIZE) {
        long signs = random.nextLong();
        for (int bit = 0; bit < Math.min(Long.SIZE, dimensions - i); bit++) {
          sum[i + bit] += (signs >> bit & 1) == 0 ? weight : -weight;
        }
      }
    }
    return normalized(sum);
  }

  private static float[] normalized(float[] vector) {
    double squares = 0;
    for (float number : vector) {
      squares += number * number;
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] = squares == 0 ? (i == 0 ? 1 : 0) : (float) (vector[i] / Math.sqrt(squares));
    }
    return vector;
  }

  /** Tokens are words too; a text without meaningful ones is a word itself. */
  private static List<String> words(JsonNode input) {
    if (!input.isTextual()) {
      return input.valueStream().map(JsonNode::toString).toList();
    }
    List<String> words = Words.meaningful(input.textValue()).stream().map(Words::stem).toList();
    return words.isEmpty() ? List.of(input.textValue()) : words;
  }

  /** 32-bit floats in little-endian order, as OpenAI's API has them. */
  private static String base64(float[] vector) {
    var bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : vector) {
      bytes.putFloat(number);
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
