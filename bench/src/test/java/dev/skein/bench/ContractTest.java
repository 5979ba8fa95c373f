package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

class ContractTest {

  private static final String BODY =
      "{\\\"response\\\":\\\"" + Upstream.TEXT + "\\\",\\\"model\\\":\\\"m-1\\\"}";

  private static final String AUDIT =
      """
      {"audit_id":"1","endpoint":"/chat","user_id":"alice","message_preview":"What is a skein?"}\
      """;

  private final Received received = new Received();

  @Test
  void aReplyIsRightInTheEnvelopeOfApiGatewayAndAsAStreamedResponse() {
    Contract chat = Contract.chat(1);
    String body = BODY.replace("\\", "");

    assertThatCode(
            () -> {
              chat.checkReply("peer", "{\"statusCode\":200,\"body\":\"" + BODY + "\"}");
              chat.checkReply("peer", "{\"statusCode\":200}" + "\0".repeat(8) + body);
              chat.checkReply("peer", body);
            })
        .doesNotThrowAnyException();
  }

  @Test
  void aWrongReplyStopsTheMeasurement() {
    for (String wrong :
        new String[] {
          "{\"statusCode\":500,\"body\":\"" + BODY + "\"}",
          "{\"statusCode\":200,\"body\":\"{\\\"response\\\":\\\"Something else.\\\"}\"}",
          "{\"statusCode\":500}" + "\0".repeat(8) + BODY.replace("\\", ""),
          "not JSON",
          ""
        }) {
      assertThatExceptionOfType(MeasurementException.class)
          .isThrownBy(() -> Contract.chat(1).checkReply("peer", wrong))
          .withMessage(
              "peer did not reply with the text of the model as `response`,"
                  + " so it is not measured: "
                  + wrong);
    }
  }

  @Test
  void anAuditMessageForEachEventIsRight() {
    received.message(AUDIT);
    received.message(AUDIT);

    assertThatCode(() -> Contract.chat(1).checkTraces("peer", received, 2))
        .doesNotThrowAnyException();
  }

  @Test
  void oneAuditMessageTooManyStopsTheMeasurement() {
    received.message(AUDIT);
    received.message(AUDIT);

    assertThatExceptionOfType(MeasurementException.class)
        .isThrownBy(() -> Contract.chat(1).checkTraces("peer", received, 1))
        .withMessageStartingWith("peer sent 2 of 1 audit messages");
  }

  @Test
  void anAuditMessageOfAnotherUserStopsTheMeasurement() {
    received.message(AUDIT.replace("alice", "bob"));

    assertThatExceptionOfType(MeasurementException.class)
        .isThrownBy(() -> Contract.chat(1).checkTraces("peer", received, 1))
        .withMessageStartingWith("peer sent a wrong audit message, so it is not measured: {");
  }

  @Test
  void anAuditMessageThatIsNotJsonStopsTheMeasurement() {
    received.message("alice asked");

    assertThatExceptionOfType(MeasurementException.class)
        .isThrownBy(() -> Contract.chat(1).checkTraces("peer", received, 1));
  }

  @Test
  void aStoredItemMoreThanTheEventHasStopsTheMeasurement() {
    received.item();
    received.item();
    received.item();

    assertThatExceptionOfType(MeasurementException.class)
        .isThrownBy(() -> Contract.consumer(2).checkTraces("consumer", received, 1))
        .withMessageContaining("stored 3 of 2 items");
  }
}
