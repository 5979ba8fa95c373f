package dev.skein.base;

/** An environment variable is missing or invalid. The message names it and says what is valid. */
public final class InvalidSettingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An error in one variable.
   *
   * @param variable the variable's name
   * @param problem what is wrong and what is valid; holds no secret
   */
  public InvalidSettingException(String variable, String problem) {
    super(variable + " " + problem);
  }
}
