package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/** What public documentation says about families of models: {@code model-profiles.json}. */
final class BuiltInProfiles {
  private static final String FILE = "model-profiles.json";

  /** Gateways name a provider before the model: {@code openai/gpt-5}, {@code us.anthropic.x}. */
  private static final Pattern PREFIX = Pattern.compile("^.*/|^([a-z-]+\\.)+(?=[a-z])");

  private static final List<Family> FAMILIES = read();

  private BuiltInProfiles() {}

  /** Some models, and what is known about them. */
  private record Family(Pattern models, ModelProfile profile) {}

  /** The profile of the first family that the model's name belongs to. */
  static ModelProfile of(String model) {
    String name = PREFIX.matcher(model.toLowerCase(Locale.ROOT)).replaceFirst("");
    return FAMILIES.stream()
        .filter(family -> family.models().matcher(name).find())
        .findFirst()
        .map(Family::profile)
        .orElse(ModelProfile.UNKNOWN);
  }

  private static List<Family> read() {
    try (var file = Objects.requireNonNull(BuiltInProfiles.class.getResourceAsStream(FILE))) {
      var families = new ArrayList<Family>();
      for (JsonNode entry : Json.STRICT.parse(file).path("families")) {
        var profile = ModelProfile.read(entry.path("profile"), IllegalStateException::new);
        families.add(new Family(Pattern.compile(entry.path("models").asText()), profile));
      }
      return List.copyOf(families);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (MalformedJsonException e) {
      throw new IllegalStateException(FILE, e);
    }
  }
}
