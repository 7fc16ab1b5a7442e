package io.javisor.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where things are kept that can be made again (XDG Base Directory Specification, {@code XDG_CACHE_HOME}). */
final class UserCache {
    private UserCache() {}

    /**
     * The user's directory for javisor, which need not be there; null if the environment names no place for one. A relative path is ignored, as the
     * specification demands: it would be another directory for each current one.
     */
    static @Nullable Path directory(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        if (xdg.startsWith("/")) {
            return Path.of(xdg, "javisor");
        }
        String home = environment.getOrDefault("HOME", "");
        return home.isEmpty() ? null : Path.of(home, ".cache", "javisor");
    }
}
