package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.VirtioDeviceConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.guest.Assembly;
import io.javisor.testkit.guest.CodeKernel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The guest of {@code state.S}, in as many machines one after the other as a test likes. For one thread. */
final class CountingGuest implements AutoCloseable {
    private static final int MEMORY_BYTES = 8 << 20;
    private static final int SECTORS = 256;
    private static final int SECTOR_SIZE = 512;
    private static final int SERIAL_BYTES = 251;
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(20);

    /**
     * What the guest has counted.
     *
     * @param steps of the first processor
     * @param secondSteps of the second, 32 bits
     * @param ticks of the 8254, through the 8259A
     * @param expiries of the first local APIC's timer, which the guest arms anew each time
     * @param secondExpiries of the second's, which is periodic
     * @param bytes that it has sent, by interrupts
     * @param sectors that it has read, by interrupts
     */
    record Counts(
            long steps, long secondSteps, long ticks, long expiries, long secondExpiries, long bytes, long sectors) {
        private static final int SIZE = 56;

        /** Whether each count is higher by at least {@code more} than in {@code earlier}. */
        boolean beyond(Counts earlier, int more) {
            return steps >= earlier.steps + more
                    && secondSteps >= earlier.secondSteps + more
                    && ticks >= earlier.ticks + more
                    && expiries >= earlier.expiries + more
                    && secondExpiries >= earlier.secondExpiries + more
                    && bytes >= earlier.bytes + more
                    && sectors >= earlier.sectors + more;
        }
    }

    private final MachineConfig config;
    private final long countsGpa;
    private final Fd none = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDWR, 0));
    private volatile int lastByte = SERIAL_BYTES - 1;
    private volatile int wrongByte = -1;
    private Machine machine;

    /**
     * Makes the first machine, not yet started.
     *
     * @param directory for its kernel and its disk
     */
    CountingGuest(EngineProvider engine, Path directory) throws IOException {
        this(engine, directory, image -> new DiskConfig(image, true, CacheMode.UNSAFE, "", 1, 0, 0));
    }

    /** @param disk a disk of what is in an image */
    CountingGuest(EngineProvider engine, Path directory, Function<Path, VirtioDeviceConfig> disk) throws IOException {
        Assembly assembly = Assembly.of(CountingGuest.class, CodeKernel.ENTRY_GPA, "state.S");
        countsGpa = assembly.address("counts");
        ByteBuffer content = ByteBuffer.allocate(SECTORS * SECTOR_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        while (content.hasRemaining()) {
            content.putLong(content.position() / SECTOR_SIZE);
        }
        Path image = Files.write(directory.resolve("disk.img"), content.array());
        config = MachineConfig.builder(CodeKernel.writeTo(directory, assembly.bytes()))
                .name("counting")
                .accel(Accel.parse(engine.name()))
                .memoryBytes(MEMORY_BYTES)
                .cpus(2)
                .serial(List.of(new SerialSink.Null()))
                .virtio(List.of(disk.apply(image)))
                .restartOnReset(false)
                .build();
        machine = newMachine();
    }

    /** Another machine like it, not yet started. */
    Machine newMachine() {
        return Machine.create(
                config, new Console(none.value(), none.value(), ConsoleInputFilter.NONE), new BootObserver() {
                    @Override
                    public void reached(BootStep step) {}

                    @Override
                    public void consoleOutput(int value) {
                        if (value != (lastByte + 1) % SERIAL_BYTES) {
                            wrongByte = value;
                        }
                        lastByte = value;
                    }
                });
    }

    Machine machine() {
        return machine;
    }

    /** Closes the machine and goes on with another one. */
    void moveTo(Machine next) {
        machine.close();
        machine = next;
    }

    Counts counts() throws InterruptedException {
        return machine.whileStanding(life -> countsOf(life.memory()));
    }

    private Counts countsOf(GuestMemory memory) {
        byte[] bytes = new byte[Counts.SIZE];
        memory.copyOut(countsGpa, bytes, 0, bytes.length);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new Counts(
                in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    /** Waits until the machine, which is paused, has each count higher than {@code earlier}; it is paused again then. */
    Counts goBeyond(Counts earlier, long runNanos) throws InterruptedException {
        long end = System.nanoTime() + STALL_NANOS;
        while (true) {
            if (machine.state() == Lifecycle.CREATED) {
                machine.start();
            } else {
                machine.resume();
            }
            Thread.sleep(runNanos / 1_000_000, (int) (runNanos % 1_000_000));
            try {
                machine.pause();
            } catch (IllegalStateException e) {
                throw new AssertionError("the guest has ended by " + machine.await() + "; before: " + earlier, e);
            }
            Counts now = counts();
            assertEquals(-1, wrongByte, () -> "this byte came, then " + lastByte + "; " + earlier + ", " + now);
            if (now.beyond(earlier, 1)) {
                return now;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("something stands still: " + earlier + " became " + now);
            }
        }
    }

    /** All of its memory. */
    static byte[] contentOf(MachineLife life) {
        byte[] content = new byte[MEMORY_BYTES];
        life.memory().copyOut(0, content, 0, content.length);
        return content;
    }

    static void fill(MachineLife life, byte[] content) {
        life.memory().copyIn(content, 0, 0, content.length);
    }

    @Override
    public void close() {
        machine.close();
        none.close();
    }
}
