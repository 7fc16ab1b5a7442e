package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserCacheTest {
    @Test
    void isWhereTheEnvironmentSays() {
        assertEquals(Path.of("/x/javisor"), UserCache.directory(Map.of("XDG_CACHE_HOME", "/x", "HOME", "/home/user")));
        assertEquals(
                Path.of("/home/user/.cache/javisor"),
                UserCache.directory(Map.of("XDG_CACHE_HOME", "", "HOME", "/home/user")));
        assertEquals(
                Path.of("/home/user/.cache/javisor"),
                UserCache.directory(Map.of("XDG_CACHE_HOME", "cache", "HOME", "/home/user")));
        assertNull(UserCache.directory(Map.of("XDG_CACHE_HOME", "cache")));
        assertNull(UserCache.directory(Map.of("HOME", "")));
        assertNull(UserCache.directory(Map.of()));
    }
}
