package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/**
 * A CycloneDX bill of materials.
 *
 * @param main what it describes
 * @param libraries what that contains of others
 * @param modules what that contains of this project
 */
record BillOfMaterials(
    JsonNode json, Component main, List<Component> libraries, List<Component> modules) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROJECT = "dev.skein";

  /**
   * One component.
   *
   * @param licenses SPDX identifiers
   * @param sha256 in hexadecimal digits; empty if it has no hash
   */
  record Component(
      String group,
      String name,
      String version,
      String purl,
      List<String> licenses,
      String sha256) {

    String coordinates() {
      return group + ":" + name;
    }

    private static Component of(JsonNode json) {
      var licenses = new ArrayList<String>();
      for (JsonNode choice : json.path("licenses")) {
        licenses.add(choice.at("/license/id").asText(choice.path("expression").asText()));
      }
      String sha256 = "";
      for (JsonNode hash : json.path("hashes")) {
        if (hash.path("alg").asText().equals("SHA-256")) {
          sha256 = hash.path("content").asText();
        }
      }
      return new Component(
          json.path("group").asText(),
          json.path("name").asText(),
          json.path("version").asText(),
          json.path("purl").asText(),
          licenses,
          sha256);
    }
  }

  /** Reads a file, relative to the project's folder. */
  static BillOfMaterials read(String file) throws Exception {
    assertThat(Pages.ROOT.resolve(file))
        .as("Maven makes it where it is online: run mvn without -o")
        .exists();
    JsonNode json = JSON.readTree(Pages.read(file));
    var libraries = new ArrayList<Component>();
    var modules = new ArrayList<Component>();
    for (JsonNode each : json.path("components")) {
      var component = Component.of(each);
      (component.group().equals(PROJECT) ? modules : libraries).add(component);
    }
    return new BillOfMaterials(
        json, Component.of(json.at("/metadata/component")), libraries, modules);
  }
}
