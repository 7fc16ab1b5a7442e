package io.javisor.images.grub;

import org.jspecify.annotations.Nullable;

/**
 * How a command ended.
 *
 * @param success means nothing if there is a doubt
 * @param doubt why that can't be known: file, line and construct; null if it is known
 */
record GrubStatus(boolean success, @Nullable String doubt) {
    static final GrubStatus TRUE = new GrubStatus(true, null);
    static final GrubStatus FALSE = new GrubStatus(false, null);

    static GrubStatus of(boolean success) {
        return success ? TRUE : FALSE;
    }

    static GrubStatus unknown(String doubt) {
        return new GrubStatus(false, doubt);
    }

    GrubStatus negated() {
        return doubt == null ? of(!success) : this;
    }
}
