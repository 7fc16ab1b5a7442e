package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SignalPipeTest {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static void send(int signal) {
        int _ = Libc.check("kill", Libc.kill(Libc.getpid(), signal));
    }

    private static int await(SignalPipe pipe) throws InterruptedException {
        long start = System.nanoTime();
        int number = pipe.next();
        while (number == 0 && System.nanoTime() - start < LIMIT_NANOS) {
            Thread.sleep(1);
            number = pipe.next();
        }
        return number;
    }

    /** SIGTERM would end this JVM. */
    @Test
    void signalsAreBytesWhileItIsOpen() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            try (SignalPipe pipe = SignalPipe.open(HostConstants.SIGTERM, HostConstants.SIGWINCH)) {
                assertEquals(0, pipe.next());
                send(HostConstants.SIGTERM);
                assertEquals(HostConstants.SIGTERM, await(pipe));
                send(HostConstants.SIGWINCH);
                assertEquals(HostConstants.SIGWINCH, await(pipe));
                assertThrows(IllegalStateException.class, () -> SignalPipe.open(HostConstants.SIGINT));
            }
            send(HostConstants.SIGWINCH); // ignored by default
        }
    }

    @Test
    void aStormIsOutlived() throws InterruptedException {
        try (SignalPipe pipe = SignalPipe.open(HostConstants.SIGUSR1)) {
            for (int i = 0; i < 200_000; i++) {
                send(HostConstants.SIGUSR1); // more than a pipe takes
            }
            assertEquals(HostConstants.SIGUSR1, await(pipe));
        }
        try (SignalPipe pipe = SignalPipe.open(HostConstants.SIGUSR1)) {
            assertEquals(0, pipe.next()); // nothing of before
        }
    }

    @Test
    void aSignalThatCannotBeTakenIsRefused() {
        assertThrows(HostException.class, () -> SignalPipe.open(HostConstants.SIGKILL));
        SignalPipe.open(HostConstants.SIGWINCH).close();
    }
}
