package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ImageException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OwnStackTest {
    private static int nest(int depth) {
        return depth == 0 ? 0 : 1 + nest(depth - 1);
    }

    private static String refusal(Supplier<Integer> parser) {
        return String.valueOf(assertThrows(ImageException.class, () -> OwnStack.call("disk d", parser))
                .getMessage());
    }

    @Test
    void whatDoesNotSufficeIsTheDatasFault() {
        assertEquals(1000, OwnStack.call("disk d", () -> nest(1000)));
        assertTrue(refusal(() -> nest(Integer.MAX_VALUE)).startsWith("disk d: it is nested too deep"));
        assertTrue(refusal(() -> {
                    throw new OutOfMemoryError("Java heap space");
                })
                .startsWith("disk d: the Java heap does not suffice"));
        assertTrue(refusal(() -> {
                    throw new OutOfMemoryError("mmap of 4096 bytes: errno 12");
                })
                .startsWith("disk d: the host has too little memory"));
    }

    @Test
    void allElseIsThrownAsItIs() {
        RuntimeException failure = new IllegalStateException("x");
        assertSame(
                failure,
                assertThrows(
                        IllegalStateException.class,
                        () -> OwnStack.call("d", () -> {
                            throw failure;
                        })));
        Error error = new NoClassDefFoundError("x");
        assertSame(
                error,
                assertThrows(
                        NoClassDefFoundError.class,
                        () -> OwnStack.call("d", () -> {
                            throw error;
                        })));
    }

    @Test
    void anInterruptIsKept() {
        Thread.currentThread().interrupt();
        assertEquals(1, OwnStack.call("d", () -> 1));
        assertTrue(Thread.interrupted());
    }
}
