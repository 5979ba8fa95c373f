package dev.skein.local.template;

/**
 * A template that this machine cannot run as it stands. The message is for whoever wrote it: {@code
 * template.yaml:LINE: Resources.Name.Properties.Foo: what is wrong, and what to do}.
 */
public final class TemplateException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TemplateException(String message) {
    super(message);
  }
}
