package dev.skein.local.template;

/**
 * Where something stands in the template.
 *
 * @param file the template's name, without its folder
 * @param line counted from 1
 * @param path keys joined by dots, {@code [n]} for the items of a list; empty for the whole file
 */
record Place(String file, int line, String path) {

  Place key(String key, int keyLine) {
    return new Place(file, keyLine, path.isEmpty() ? key : path + "." + key);
  }

  /** A key that is missing here: the line is its owner's. */
  Place key(String key) {
    return key(key, line);
  }

  Place item(int index, int itemLine) {
    return new Place(file, itemLine, path + "[" + index + "]");
  }

  TemplateException error(String what) {
    String where = path.isEmpty() ? "" : path + ": ";
    return new TemplateException(file + ":" + line + ": " + where + what);
  }
}
