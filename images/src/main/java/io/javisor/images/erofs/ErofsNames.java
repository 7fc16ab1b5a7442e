package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.EROFS_NAME_LEN;

/** Which names a directory can hold. Names are bytes, as ISO 8859-1 strings. */
final class ErofsNames {
    private ErofsNames() {}

    /** Whether a file can have this name. */
    static boolean isValid(String name) {
        if (name.isEmpty() || name.length() > EROFS_NAME_LEN || name.equals(".") || name.equals("..")) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '\0' || c == '/' || c > 0xFF) {
                return false;
            }
        }
        return true;
    }

    /** Whether each character stands for a byte. */
    static boolean areBytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xFF) {
                return false;
            }
        }
        return true;
    }
}
