package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanupTest {
    private final List<String> closed = new ArrayList<>();
    private final Cleanup cleanup = new Cleanup();
    private final Cleanup.Users threads = new Cleanup.Users();

    private AutoCloseable resource(String name) {
        return () -> closed.add(name);
    }

    @Test
    void theLastComesFirst() {
        AutoCloseable _ = cleanup.addBeneath(threads, resource("memory"));
        AutoCloseable _ = cleanup.add(resource("device"));
        AutoCloseable _ = cleanup.addUser(threads, resource("thread"));
        cleanup.close();
        cleanup.close();
        assertEquals(List.of("thread", "device", "memory"), closed);
        assertFalse(threads.remain());
    }

    @Test
    void whatAThreadMayBeInStays() {
        AutoCloseable _ = cleanup.addBeneath(threads, resource("memory"));
        AutoCloseable _ = cleanup.add(resource("device"));
        AutoCloseable _ = cleanup.addUser(threads, resource("first thread"));
        IllegalStateException hangs = new IllegalStateException("second thread does not end");
        AutoCloseable _ = cleanup.addUser(threads, () -> {
            throw hangs;
        });
        assertSame(hangs, assertThrows(IllegalStateException.class, cleanup::close));
        assertEquals(List.of("first thread", "device"), closed);
        assertTrue(threads.remain());
    }
}
