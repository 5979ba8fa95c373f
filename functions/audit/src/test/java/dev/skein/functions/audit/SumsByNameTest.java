package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import org.junit.jupiter.api.Test;

final class SumsByNameTest {
  private final SumsByName users = new SumsByName("user_id");

  private void add(String user, int records) {
    for (int n = 0; n < records; n++) {
      users.add(Json.object().put("user_id", user).put("prompt_tokens", 1));
    }
  }

  private ObjectNode json() {
    var json = Json.object();
    users.writeTo(json, "users");
    return json;
  }

  @Test
  void theNamesWithMostRecordsAreListedAndTheRestIsSummedUp() {
    for (int n = 1; n <= 52; n++) {
      add("u%02d".formatted(n), n % 2 == 0 ? 3 : 2);
    }
    add("busy", 10);

    var json = json();

    assertThat(json.path("users")).hasSize(50);
    assertThat(json.path("users").findValuesAsText("user_id"))
        .startsWith("busy", "u02", "u04")
        .endsWith("u43", "u45");
    assertThat(json.at("/other_users/records").asInt()).isEqualTo(3 * 2);
    assertThat(json.at("/other_users/prompt_tokens").asInt()).isEqualTo(3 * 2);
  }

  @Test
  void upTo50NamesAreAllListed() {
    for (int n = 1; n <= 50; n++) {
      add("u" + n, 1);
    }

    assertThat(json().path("users")).hasSize(50);
    assertThat(json().path("other_users").isNull()).isTrue();
  }

  @Test
  void ofNamesWithoutAnEndTheLaterOnesAreNotToldApart() {
    for (int n = 0; n < SumsByName.MAX_NAMES; n++) {
      add("u" + n, 1);
    }
    add("late", 5);
    add("u7", 1);

    var json = json();

    assertThat(json.at("/users/0/user_id").asText()).isEqualTo("u7");
    assertThat(json.path("users").findValuesAsText("user_id")).doesNotContain("late");
    assertThat(json.at("/other_users/records").asInt())
        .isEqualTo(SumsByName.MAX_NAMES - SumsByName.LISTED + 5);
  }
}
