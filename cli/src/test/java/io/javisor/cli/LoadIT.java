package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.javisor.testkit.Await;
import io.javisor.testkit.host.NetNamespace;
import io.javisor.testkit.junit.TapTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two CPUs with a disk and a network card under load, for as long as {@code load.seconds} says: both go on all the time, every byte is right, and the guest's
 * log has no complaint. A lost interrupt or doorbell would show as a stop.
 */
@TapTest
@Timeout(value = 45, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoadIT {
    private static final int PIECE_SIZE = 1 << 20;
    private static final int PIECES = 4;
    private static final int CHUNK_SIZE = 16 << 10;

    /** Copies the disk's first piece over each of the others, past the page cache, until there is a file /stop. */
    private static final String COPY = "n=0; while [ ! -e /stop ]; do n=$((n + 1));"
            + " dd if=/dev/vda of=/dev/vda bs=64k count=16 seek=$((16 * (1 + n % 3))) conv=notrunc,fsync 2>/dev/null"
            + " && echo co'py'=$n. || echo co'py fai'led; echo 3 >/proc/sys/vm/drop_caches; done; echo co'pies' ended";

    private static final Pattern COMPLAINT =
            Pattern.compile("(?im)^.*(error|copy failed|lockup|stall|hung task|timed out|timeout|\\bBUG\\b|WARNING|Call"
                    + " Trace|Oops|nobody cared).*$");

    /** Longer than any pause of a host with other work; a hang lasts for ever. */
    private static final int HANG_SECONDS = 240;

    private static final int SECONDS = Integer.getInteger("javisor.load.seconds", 60);

    @TempDir
    private Path directory = Path.of("");

    private NetNamespace host;

    @BeforeEach
    void makeHost() throws Exception {
        host = NetNamespace.create();
        host.run("ip", "link", "add", "br0", "type", "bridge");
        host.run("ip", "addr", "add", "10.9.0.1/24", "dev", "br0");
        host.run("ip", "link", "set", "br0", "up");
    }

    @AfterEach
    void removeHost() {
        host.close();
    }

    /** Chunks that the guest sends back, one after the other: more in flight is more than a slow guest can keep up with. */
    private static final class Echo {
        private final byte[] chunk = new byte[CHUNK_SIZE];
        private final AtomicBoolean ending = new AtomicBoolean();
        private final AtomicLong chunks = new AtomicLong();
        private final CompletableFuture<Void> done;

        Echo(Socket socket) {
            new Random(3).nextBytes(chunk);
            done = CompletableFuture.runAsync(() -> {
                try {
                    run(socket);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        private void run(Socket socket) throws IOException {
            while (!ending.get()) {
                socket.getOutputStream().write(chunk);
                assertArrayEquals(chunk, socket.getInputStream().readNBytes(CHUNK_SIZE));
                chunks.incrementAndGet();
            }
            socket.shutdownOutput();
            assertEquals(-1, socket.getInputStream().read());
        }

        /** Waits for one more. */
        void await() throws InterruptedException {
            long before = chunks.get();
            Await.until(() -> "a chunk", HANG_SECONDS, () -> chunks.get() > before || done.isDone());
            assertFalse(done.isCompletedExceptionally(), () -> "" + done.exceptionNow());
        }

        void end() throws Exception {
            ending.set(true);
            done.get(HANG_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void diskAndNetworkTogether() throws Exception {
        byte[] piece = new byte[PIECE_SIZE];
        new Random(4).nextBytes(piece);
        Path disk = Files.write(directory.resolve("disk.img"), Arrays.copyOf(piece, PIECES * PIECE_SIZE));
        String[] arguments = Root.command(
                        "--cpus",
                        "2",
                        "--memory",
                        "256M",
                        "--disk",
                        disk + ",queues=2",
                        "--net",
                        "tap,ifname=t0,bridge=br0,queues=2,mtu=9000",
                        "--cmdline",
                        "console=ttyS0 reboot=k panic=-1 ip=10.9.0.2::10.9.0.1:255.255.255.0:box:eth0:off")
                .toArray(String[]::new);
        try (GuestSession session = host.call(() -> GuestSession.start(arguments))) {
            // An address by hand, which the kernel would have set with IP_PNP.
            session.await("eth0: ipaddr=10.9.0.2, mask=255.255.255.0, gw=10.9.0.1", GuestSession.FIRST_OUTPUT_SECONDS);
            session.await("javisor guest ready", GuestSession.BOOT_SECONDS);
            session.type("hostname");
            session.await("box", 60);
            // It does not connect itself: the first time Linux fills a table with 256 KiB of random numbers for that,
            // which takes 20 s where the guest is emulated, and complains of the stall.
            session.type("nc -l -p 5000 -e cat &");
            int copies = 0;
            try (Socket socket = HostSide.connect(host, "10.9.0.2", 5000, HANG_SECONDS)) {
                Echo echo = new Echo(socket);
                session.type("{ " + COPY + "; } &");
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
                while (System.nanoTime() < end || copies < PIECES) {
                    session.await("copy=" + (copies + 1) + ".", HANG_SECONDS);
                    copies++;
                    echo.await();
                }
                echo.end();
            }
            session.type(": >/stop");
            session.await("copies ended", HANG_SECONDS);
            // The end of the shell is that of the machine.
            session.type("exit");
            session.await("reboot: Power down", HANG_SECONDS);
            assertEquals(0, session.awaitEnd(HANG_SECONDS));
            String log = session.toString();
            assertFalse(
                    COMPLAINT
                            .matcher(log.substring(log.indexOf("javisor guest ready")))
                            .find(),
                    log);
        }
        byte[] written = Files.readAllBytes(disk);
        for (int i = 0; i < PIECES; i++) {
            assertArrayEquals(piece, Arrays.copyOfRange(written, i * PIECE_SIZE, (i + 1) * PIECE_SIZE), "piece " + i);
        }
    }
}
