package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.manager.registry.MachineEntry;
import io.javisor.testkit.guest.CountingKernel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients of a console that connect, stall and vanish while the guest writes 3 MB, with {@code -Pfull} 20: it is not held up, and who stays sees what it wrote, in order. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ConsoleClientsIT {
    /** Of a quarter of a MiB each: 20 MB where there is time for it. */
    private static final int FLOODS = Integer.getInteger("javisor.load.seconds", 60) >= 600 ? 80 : 12;

    private static final long SEED = 20261125;

    private static SocketChannel connect(MachineEntry machine) throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        assertTrue(client.connect(UnixDomainSocketAddress.of(machine.consoleSocket("com1"))));
        return client;
    }

    @Test
    void tenClients() throws Exception {
        try (MachineHome home = new MachineHome();
                ExecutorService clients = Executors.newCachedThreadPool()) {
            String name = home.succeed(
                            "run",
                            "-d",
                            "-m",
                            "4M",
                            "--kernel",
                            CountingKernel.writeTo(home.directory()).toString())
                    .strip();
            MachineEntry machine = home.registry.find(name);
            AtomicBoolean over = new AtomicBoolean();
            List<Future<Long>> live = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                live.add(clients.submit(new Reader(machine)));
            }
            List<Future<Long>> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                long seed = SEED + i;
                others.add(clients.submit(() -> comeAndGo(machine, new Random(seed), over)));
                others.add(clients.submit(() -> stall(machine, over)));
            }
            // The guest's own word for each flood is the proof that it went on.
            try (SocketChannel driver = connect(machine)) {
                Lines lines = new Lines();
                for (int i = 0; i < FLOODS; i++) {
                    int _ = driver.write(ByteBuffer.wrap(new byte[] {'f'}));
                    int floods = i + 1;
                    while (lines.floods < floods) {
                        assertTrue(lines.read(driver), "the machine ended");
                    }
                }
                assertEquals(0, lines.losses);
                int _ = driver.write(ByteBuffer.wrap(new byte[] {'q'}));
            }
            for (Future<Long> reader : live) {
                assertTrue(reader.get(3, TimeUnit.MINUTES) > 0);
            }
            over.set(true);
            for (Future<Long> other : others) {
                assertTrue(other.get(1, TimeUnit.MINUTES) >= 0);
            }
            assertEquals("0\n", home.javisor("wait", name).out());
        }
    }

    /** What a client reads: each number is the one after the last, unless a loss was told of. */
    private static final class Lines {
        private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        private final StringBuilder text = new StringBuilder();
        private int last = -1;
        long numbers;
        int floods;
        int losses;

        /** Returns false at the end. */
        boolean read(SocketChannel client) throws IOException {
            if (client.read(buffer.clear()) < 0) {
                return false;
            }
            text.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
            int end = text.lastIndexOf("\n") + 1;
            text.substring(0, end).lines().forEach(this::take);
            text.delete(0, end);
            return true;
        }

        private void take(String line) {
            if (line.contains("bytes lost]")) {
                losses++;
                last = -1;
            } else if (line.equals(CountingKernel.END)) {
                floods++;
                assertTrue(last < 0 || last == CountingKernel.NUMBERS - 1, "a flood ends after " + last);
            } else if (line.matches("[0-9A-F]{3}")) {
                int number = Integer.parseInt(line, 16);
                assertTrue(
                        last < 0 || number == (last + 1) % CountingKernel.NUMBERS, last + " is followed by " + number);
                last = number;
                numbers++;
            } else {
                // Part of a line, where the scrollback begins or after a loss.
                assertTrue(last < 0, "'" + line + "' after " + last);
            }
        }
    }

    /** Follows the guest to its end. */
    private record Reader(MachineEntry machine) implements Callable<Long> {
        @Override
        public Long call() throws IOException {
            try (SocketChannel client = connect(machine)) {
                Lines lines = new Lines();
                while (lines.read(client)) {
                    // goes on
                }
                return lines.numbers;
            }
        }
    }

    private static long comeAndGo(MachineEntry machine, Random random, AtomicBoolean over) throws Exception {
        long visits = 0;
        while (!over.get()) {
            try (SocketChannel client = connect(machine)) {
                ByteBuffer buffer = ByteBuffer.allocate(1 + random.nextInt(10_000));
                int _ = client.read(buffer);
                visits++;
            } catch (IOException e) {
                return visits; // the machine has ended
            }
            Thread.sleep(random.nextInt(100));
        }
        return visits;
    }

    /** Never reads. */
    private static long stall(MachineEntry machine, AtomicBoolean over) throws Exception {
        try (SocketChannel _ = connect(machine)) {
            while (!over.get()) {
                Thread.sleep(20);
            }
        }
        return 0;
    }
}
