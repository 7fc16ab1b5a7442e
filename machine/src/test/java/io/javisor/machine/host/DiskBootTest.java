package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.images.ByteSource;
import io.javisor.machine.BootObserver;
import io.javisor.machine.BootStep;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BootConfig.DiskKernelBoot;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.plan.X86MemoryMap;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.image.DiskBuilder;
import io.javisor.testkit.image.ExtBuilder;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class DiskBootTest {
    @TempDir
    private Path directory = Path.of("");

    private Path disk(byte[] kernel, String initrd) throws IOException {
        byte[] files = ExtBuilder.ext4(128)
                .file("/etc/hostname", "box")
                .directory("/usr")
                .file("/boot/vmlinuz-1", kernel)
                .file("/boot/initrd.img-1", initrd)
                .bytes();
        byte[] image = new DiskBuilder().partition("", files).mbr();
        // Written over, not replaced: it is open.
        return Files.write(directory.resolve("disk.raw"), image, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Prints a letter, then writes {@code value} to {@code port}. */
    private byte[] kernel(int letter, int port, int value) throws IOException {
        return Files.readAllBytes(CodeKernel.writeTo(
                directory, 0x66, 0xBA, 0xF8, 0x03, // mov dx, 0x3f8
                0xB0, letter, // mov al, letter
                0xEE, // out dx, al
                0xB0, value, // mov al, value
                0xE6, port, // out port, al
                0xFA, 0xF4, 0xEB, 0xFC)); // cli; hlt; jmp
    }

    private static MachineConfig.Builder config(Path disk) {
        return MachineConfig.builder(DiskKernelBoot.DEFAULT)
                .virtio(List.of(DiskConfig.of(disk)))
                .memoryBytes(16 << 20);
    }

    private static String text(ByteSource source) {
        return new String(
                source.load(Arena.ofAuto(), 100).bytes().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    @Test
    void holdsNothingOfTheDiskInMemoryOnceItIsLoaded() throws IOException {
        MachineConfig config = config(disk("\u007fELF, one".getBytes(StandardCharsets.US_ASCII), "initrd one"))
                .build();
        try (HostResources host = HostResources.look(config, HostDisks.look(config.disks()))) {
            MemorySegment kernel = host.images().kernel().bytes();
            assertEquals(0x7F, kernel.get(ValueLayout.JAVA_BYTE, 0));
            host.imagesAreLoaded();
            assertThrows(IllegalStateException.class, () -> kernel.get(ValueLayout.JAVA_BYTE, 0));
            Path _ = disk("\u007fELF, two".getBytes(StandardCharsets.US_ASCII), "initrd two");
            assertTrue(host.readBootDiskAgain(config));
            assertEquals("\u007fELF, two", text(host.images().kernel()));
            assertEquals("initrd two", text(Objects.requireNonNull(host.images().initrd())));
        }
    }

    /** Another machine may write to it at that moment. */
    @Test
    void readsNothingOfADiskThatAnotherMachineHas() throws IOException {
        Path disk = disk("\u007fELF, one".getBytes(StandardCharsets.US_ASCII), "initrd one");
        List<DiskConfig> disks = List.of(DiskConfig.of(disk));
        try (HostDisks _ = HostDisks.open(disks)) {
            refused("is in use by another machine", () -> HostDisks.look(disks).close());
            refused("is in use by another machine", () -> HostDisks.open(disks).close());
        }
        HostDisks.open(disks).close();
    }

    @Test
    void onlyTheFirstDiskBoots() throws IOException {
        Path disk = disk("\u007fELF, one".getBytes(StandardCharsets.US_ASCII), "initrd one");
        Path other = Files.write(directory.resolve("other"), new byte[4096]);
        MachineConfig second = config(disk)
                .virtio(List.of(DiskConfig.of(other), DiskConfig.of(disk)))
                .build();
        assertEquals(other, second.kernelFile());
        refused(
                "other has no partitions to boot from",
                () -> HostResources.look(second, HostDisks.look(second.disks())).close());
        refused("no disk to boot from", () -> config(disk).virtio(List.of()).build());
    }

    private static void refused(String reason, Executable attempt) {
        String message =
                String.valueOf(assertThrows(ConfigException.class, attempt).getMessage());
        assertTrue(message.contains(reason), message);
    }

    private static Machine machine(MachineConfig config, HostDisks disks, Fd in, Fd out, BootObserver observer) {
        return Machine.create(config, disks, new Console(in.value(), out.value(), ConsoleInputFilter.NONE), observer);
    }

    /** How many of this process's descriptors are of a file. */
    private static long descriptorsOf(Path file) throws IOException {
        FileStatus wanted = FileStatus.of(file);
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> {
                        try {
                            return FileStatus.of(fd).isSameFile(wanted);
                        } catch (IOException e) {
                            return false; // that of the list itself
                        }
                    })
                    .count();
        }
    }

    /** Whoever can put another file in its place would have that boot, of which no lock was taken. */
    @MachineTest
    @Timeout(60)
    void bootsAndResetsByTheFileThatWasOpenedFirst(EngineProvider engine) throws Exception {
        Path disk = disk(kernel('A', 0x64, 0xFE), "initrd");
        byte[] next = kernel('B', X86MemoryMap.DEBUG_EXIT_PORT, 3);
        MachineConfig config = config(disk).accel(Accel.parse(engine.name())).build();
        Printed printed = new Printed(() -> {
            Path decoy = Files.move(disk, directory.resolve("decoy"));
            Files.move(directory.resolve("own"), disk);
            Path _ = disk(next, "initrd"); // into the file that is open
            Files.move(disk, directory.resolve("own"));
            Files.move(decoy, disk);
        });
        HostDisks disks = HostDisks.open(config.disks());
        Files.move(disk, directory.resolve("own"));
        Files.writeString(disk, "no disk at all");
        try (Fd in = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDONLY, 0));
                Fd out = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_WRONLY, 0));
                Machine machine = machine(config, disks, in, out, printed)) {
            assertEquals(1, descriptorsOf(directory.resolve("own")));
            machine.start();
            assertEquals(new Outcome.DebugExit(3), machine.await());
        }
        assertEquals("[65, 66]", printed.text());
        assertEquals(0, descriptorsOf(directory.resolve("own")));
    }

    /** Does something between two lives, and keeps what they print. */
    private static final class Printed implements BootObserver {
        private interface Action {
            void run() throws IOException;
        }

        private final ConcurrentLinkedQueue<Integer> printed = new ConcurrentLinkedQueue<>();
        private final AtomicReference<@Nullable Action> between;

        Printed(Action between) {
            this.between = new AtomicReference<>(between);
        }

        @Override
        public void reached(BootStep step) {
            Action action = step == BootStep.LIFE_ENDED ? between.getAndSet(null) : null;
            if (action != null) {
                try {
                    action.run();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        @Override
        public void consoleOutput(int value) {
            printed.add(value);
        }

        String text() {
            return printed.toString();
        }
    }

    @MachineTest
    @Timeout(60)
    void resetsToWhatIsOnTheDiskByThen(EngineProvider engine) throws Exception {
        Path disk = disk(kernel('A', 0x64, 0xFE), "initrd");
        byte[] next = kernel('B', X86MemoryMap.DEBUG_EXIT_PORT, 3);
        Printed printed = new Printed(() -> {
            Path _ = disk(next, "initrd");
        });
        MachineConfig config = config(disk).accel(Accel.parse(engine.name())).build();
        try (Fd in = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDONLY, 0));
                Fd out = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_WRONLY, 0));
                Machine machine = machine(config, HostDisks.open(config.disks()), in, out, printed)) {
            machine.start();
            assertEquals(new Outcome.DebugExit(3), machine.await());
        }
        assertEquals("[65, 66]", printed.text());
    }
}
