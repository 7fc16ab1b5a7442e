package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.Assembly;
import io.javisor.testkit.guest.CodeKernel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The guest of {@code soak.S} and its console, which is a socket. Of a byte from 3 on it sends the next one; of a 1 its counts; of a 2 the
 * counts when no request is in flight any more, and powers off. For one thread.
 */
final class SoakGuest implements AutoCloseable {
    /** How long nothing may stand still. */
    static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int MEMORY_BYTES = 32 << 20;
    private static final int CHUNKS = 256;
    private static final int CHUNK_SIZE = 4096;
    private static final byte ASK = 1;
    private static final byte STOP = 2;

    /**
     * What the guest has counted.
     *
     * @param requests to the disk that ended
     * @param errors of the disk, chunks that were read otherwise than written among them
     * @param pass which of the passes over the disk is under way
     * @param chunk where in it
     * @param first what the first neighbour did
     * @param second what the second did
     */
    record Counts(int requests, int errors, int pass, int chunk, int first, int second) {
        private static final int SIZE = 24;
    }

    private final Path disk;
    private final Fd none;
    private final Machine machine;
    private final Selector selector;
    private final SocketChannel console;
    private final ByteBuffer in = ByteBuffer.allocate(Counts.SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer out = ByteBuffer.allocate(1);

    private SoakGuest(Path disk, Fd none, Machine machine, Selector selector, SocketChannel console) {
        this.disk = disk;
        this.none = none;
        this.machine = machine;
        this.selector = selector;
        this.console = console;
    }

    /**
     * Starts it.
     *
     * @param directory for its kernel, its disks and its console
     * @param hostile whether its neighbours storm; if not, they are merely busy
     * @param seed of the storms
     */
    static SoakGuest start(EngineProvider engine, Path directory, boolean hostile, int seed) throws IOException {
        Assembly assembly = Assembly.of(SoakGuest.class, CodeKernel.ENTRY_GPA, "soak.S", "soak-neighbours.S");
        ByteBuffer code = ByteBuffer.wrap(assembly.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        code.putInt((int) (assembly.address("seed") - CodeKernel.ENTRY_GPA), seed);
        code.put((int) (assembly.address("merely_busy") - CodeKernel.ENTRY_GPA), (byte) (hostile ? 0 : 1));
        Path stormed = Files.write(directory.resolve("stormed.img"), new byte[CHUNKS * CHUNK_SIZE]);
        Path disk = Files.write(directory.resolve("used.img"), new byte[CHUNKS * CHUNK_SIZE]);
        Path socket = directory.resolve("console");
        MachineConfig config = MachineConfig.builder(CodeKernel.writeTo(directory, code.array()))
                .name("soak")
                .accel(Accel.parse(engine.name()))
                .memoryBytes(MEMORY_BYTES)
                .cpus(3)
                .serial(List.of(new SerialSink.Socket(socket)))
                .virtio(List.of(unsafe(stormed), RngConfig.UNLIMITED, unsafe(disk)))
                .restartOnReset(false)
                .build();
        Fd none = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDONLY, 0));
        Machine machine = Machine.create(config, new Console(none.value(), none.value(), ConsoleInputFilter.NONE));
        SocketChannel console = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        console.configureBlocking(false);
        Selector selector = Selector.open();
        console.register(selector, SelectionKey.OP_READ);
        machine.start();
        return new SoakGuest(disk, none, machine, selector, console);
    }

    // What the host's own disk takes for a flush is not the question.
    private static DiskConfig unsafe(Path image) {
        return new DiskConfig(image, false, CacheMode.UNSAFE, "", 1, 0, 0);
    }

    /** Sends a byte, 3 to 254; returns after how many nanoseconds its answer came. */
    long echo(int value) throws IOException, InterruptedException {
        long start = System.nanoTime();
        ByteBuffer answer = ask((byte) value, 1);
        long nanos = System.nanoTime() - start;
        assertEquals(value + 1, answer.get() & 0xFF);
        return nanos;
    }

    /** The machine, to pause it. */
    Machine machine() {
        return machine;
    }

    Counts counts() throws IOException, InterruptedException {
        return read(ask(ASK, Counts.SIZE));
    }

    private static Counts read(ByteBuffer answer) {
        return new Counts(
                answer.getInt(), answer.getInt(), answer.getInt(), answer.getInt(), answer.getInt(), answer.getInt());
    }

    private ByteBuffer ask(byte question, int size) throws IOException, InterruptedException {
        out.clear().put(question).flip();
        if (console.write(out) != 1) {
            fail("the console takes nothing");
        }
        in.clear().limit(size);
        long end = System.nanoTime() + STALL_NANOS;
        while (in.hasRemaining()) {
            long left = end - System.nanoTime();
            if (left <= 0 || selector.select(TimeUnit.NANOSECONDS.toMillis(left) + 1) == 0) {
                fail("the console has stood still for 5 s, " + in.position() + " of " + size
                        + " bytes came; the machine: " + machine.await(1));
            }
            selector.selectedKeys().clear();
            if (console.read(in) < 0) {
                fail("the machine has ended: " + machine.await());
            }
        }
        return in.flip();
    }

    /** The counters of {@code disk0} or {@code rng0}, on which the storms are. */
    VirtioCounters stormed(String id) {
        return Objects.requireNonNull(machine.virtioCounters().get(id));
    }

    /** Has it power off and looks at what is on its disk. Returns the last counts. */
    Counts stop() throws IOException, InterruptedException {
        Counts last = read(ask(STOP, Counts.SIZE));
        assertEquals(new Outcome.PowerOff(), machine.await(TimeUnit.SECONDS.toMillis(Await.TIMEOUT_SECONDS)));
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(disk)).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < content.capacity(); at += Long.BYTES) {
            int chunk = at / CHUNK_SIZE;
            long pass = chunk < last.chunk ? last.pass : last.pass - 1;
            long word = at % CHUNK_SIZE / Long.BYTES;
            long wanted = pass < 0 ? 0 : pass << 32 | (long) chunk << 16 | word;
            if (content.getLong(at) != wanted) {
                fail("at " + at + " the disk has " + Long.toHexString(content.getLong(at)) + ", not "
                        + Long.toHexString(wanted) + " of " + last);
            }
        }
        return last;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        console.close();
        machine.close();
        none.close();
    }
}
