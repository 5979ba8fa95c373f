package dev.skein.aws;

/** The version of the AWS JSON protocol that a service speaks. They differ in the content type. */
public enum JsonVersion {
  /** Amazon SQS, Amazon DynamoDB. */
  V1_0("application/x-amz-json-1.0"),
  /** AWS Secrets Manager. */
  V1_1("application/x-amz-json-1.1");

  private final String contentType;

  JsonVersion(String contentType) {
    this.contentType = contentType;
  }

  String contentType() {
    return contentType;
  }
}
