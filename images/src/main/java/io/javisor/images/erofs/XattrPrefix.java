package io.javisor.images.erofs;

import org.jspecify.annotations.Nullable;

/** How names of extended attributes start: a number in the place of the first letters (Linux 6.1, fs/erofs/xattr.h). */
enum XattrPrefix {
    USER(1, "user.", false),
    POSIX_ACL_ACCESS(2, "system.posix_acl_access", true),
    POSIX_ACL_DEFAULT(3, "system.posix_acl_default", true),
    TRUSTED(4, "trusted.", false),
    SECURITY(6, "security.", false);

    private final int index;
    private final String text;
    private final boolean whole;

    /** @param whole whether nothing follows it */
    XattrPrefix(int index, String text, boolean whole) {
        this.index = index;
        this.text = text;
        this.whole = whole;
    }

    /** EROFS_XATTR_INDEX_USER and so on. */
    int index() {
        return index;
    }

    String text() {
        return text;
    }

    /** Whether {@code rest} can follow it. */
    boolean takes(String rest) {
        return whole == rest.isEmpty();
    }

    /** That of a whole name; null if Linux would not show an attribute of this name. */
    static @Nullable XattrPrefix ofName(String name) {
        for (XattrPrefix prefix : values()) {
            if (prefix.whole ? name.equals(prefix.text) : name.startsWith(prefix.text)) {
                return prefix;
            }
        }
        return null;
    }

    static @Nullable XattrPrefix ofIndex(int index) {
        for (XattrPrefix prefix : values()) {
            if (prefix.index == index) {
                return prefix;
            }
        }
        return null;
    }
}
