package io.javisor.machine.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.GpaRange;
import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.host.Console;
import io.javisor.machine.plan.DevicePlacement;
import io.javisor.machine.plan.FixedPlacements;
import io.javisor.machine.plan.MachinePlan;
import io.javisor.machine.plan.VirtioSlots;
import io.javisor.machine.plan.X86MemoryMap;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Virtio devices in a machine: their places, what the guest is told, and a guest of some instructions that uses one. */
class VirtioDevicesTest {
    /** How many requests the guest makes. */
    private static final int REQUESTS = 3;

    private static final int DONE = 40 + REQUESTS;

    /**
     * Brings up the entropy device in the first slot by its registers, asks {@value #REQUESTS} times for 64 bytes, each time by a doorbell, and waits
     * halted for the interrupt. Then {@link #EXIT} or {@link #RESET}.
     */
    private static final String USE_RNG = """
        bb 00 00 00 d0             ;          mov    $0xd0000000,%ebx
        81 3b 76 69 72 74          ;          cmpl   $0x74726976,(%rbx)          # MagicValue
        0f 85 09 01 00 00          ;          jne    fail
        83 7b 08 04                ;          cmpl   $4,0x8(%rbx)                # DeviceID
        0f 85 ff 00 00 00          ;          jne    fail
        c7 43 70 00 00 00 00       ;          movl   $0,0x70(%rbx)               # Status
        c7 43 70 01 00 00 00       ;          movl   $1,0x70(%rbx)
        c7 43 70 03 00 00 00       ;          movl   $3,0x70(%rbx)
        c7 43 24 01 00 00 00       ;          movl   $1,0x24(%rbx)               # DriverFeaturesSel
        c7 43 20 01 00 00 00       ;          movl   $1,0x20(%rbx)               # VIRTIO_F_VERSION_1
        c7 43 70 0b 00 00 00       ;          movl   $0xb,0x70(%rbx)
        c7 43 30 00 00 00 00       ;          movl   $0,0x30(%rbx)               # QueueSel
        c7 43 38 08 00 00 00       ;          movl   $8,0x38(%rbx)               # QueueNum
        c7 83 80 00 00 00 00 00 30 00 ;       movl   $0x300000,0x80(%rbx)        # QueueDescLow
        c7 83 90 00 00 00 00 10 30 00 ;       movl   $0x301000,0x90(%rbx)        # QueueDriverLow
        c7 83 a0 00 00 00 00 20 30 00 ;       movl   $0x302000,0xa0(%rbx)        # QueueDeviceLow
        c7 43 44 01 00 00 00       ;          movl   $1,0x44(%rbx)               # QueueReady
        c7 43 70 0f 00 00 00       ;          movl   $0xf,0x70(%rbx)
        83 7b 70 0f                ;          cmpl   $0xf,0x70(%rbx)
        0f 85 91 00 00 00          ;          jne    fail
        be 00 00 30 00             ;          mov    $0x300000,%esi              # descriptor 0: 64 bytes at 0x303000, writable
        c7 06 00 30 30 00          ;          movl   $0x303000,(%rsi)
        c7 46 08 40 00 00 00       ;          movl   $64,0x8(%rsi)
        c7 46 0c 02 00 00 00       ;          movl   $2,0xc(%rsi)
        bf 50 42 30 00             ;          mov    $0x304250,%edi              # the gate of vector 0x25: IRQ 5
        48 8d 05 71 00 00 00       ;          lea    handler(%rip),%rax
        66 89 07                   ;          mov    %ax,(%rdi)
        8c 4f 02                   ;          mov    %cs,0x2(%rdi)
        66 c7 47 04 00 8e          ;          movw   $0x8e00,0x4(%rdi)
        c1 e8 10                   ;          shr    $16,%eax
        66 89 47 06                ;          mov    %ax,0x6(%rdi)
        0f 01 1d 65 00 00 00       ;          lidt   idtr(%rip)
        b0 11                      ;          mov    $0x11,%al                   # 8259A: ICW1 to 4, all but IRQ 5 masked
        e6 20                      ;          out    %al,$0x20
        b0 20                      ;          mov    $0x20,%al
        e6 21                      ;          out    %al,$0x21
        b0 04                      ;          mov    $4,%al
        e6 21                      ;          out    %al,$0x21
        b0 01                      ;          mov    $1,%al
        e6 21                      ;          out    %al,$0x21
        b0 df                      ;          mov    $0xdf,%al
        e6 21                      ;          out    %al,$0x21
        31 ed                      ;          xor    %ebp,%ebp
        ff c5                      ; next:    inc    %ebp
        66 89 2c 25 02 10 30 00    ;          mov    %bp,0x301002                # available index
        45 31 ff                   ;          xor    %r15d,%r15d
        c7 43 50 00 00 00 00       ;          movl   $0,0x50(%rbx)               # QueueNotify
        fb                         ; wait:    sti
        f4                         ;          hlt
        fa                         ;          cli
        45 85 ff                   ;          test   %r15d,%r15d
        74 f8                      ;          je     wait
        66 39 2c 25 02 20 30 00    ;          cmp    %bp,0x302002                # used index
        75 16                      ;          jne    fail
        83 3c ed 00 20 30 00 40    ;          cmpl   $64,0x302000(,%rbp,8)       # the last entry's length
        75 0c                      ;          jne    fail
        83 fd 03                   ;          cmp    $3,%ebp
        75 cb                      ;          jne    next
        b0 28                      ;          mov    $40,%al
        40 00 e8                   ;          add    %bpl,%al
        eb 02                      ;          jmp    end
        b0 01                      ; fail:    mov    $1,%al
        """;

    private static final String EXIT = """
        e6 f4                      ; end:     out    %al,$0xf4
        f4                         ;          hlt
        """;
    /** With the device in use. As long as {@link #EXIT}, so that the handler stays where it is. */
    private static final String RESET = """
        e6 64                      ; end:     out    %al,$0x64
        f4                         ;          hlt
        """;

    private static final String HANDLER = """
        44 8b 7b 60                ; handler: mov    0x60(%rbx),%r15d            # InterruptStatus
        44 89 7b 64                ;          mov    %r15d,0x64(%rbx)            # InterruptACK
        b0 20                      ;          mov    $0x20,%al
        e6 20                      ;          out    %al,$0x20
        48 cf                      ;          iretq
        5f 02                      ; idtr:    .word  0x25f
        00 40 30 00 00 00 00 00    ;          .quad  0x304000
        """;

    @TempDir
    private Path directory = Path.of("");

    @MachineTest
    @Timeout(60)
    void aGuestUsesADeviceByDoorbellsAndInterruptsAlone(EngineProvider engine) throws Exception {
        long openBefore = openDescriptors();
        try (Fd in = open(HostConstants.O_RDONLY);
                Fd out = open(HostConstants.O_WRONLY);
                Machine machine = machine(engine, USE_RNG + EXIT + HANDLER, in, out)) {
            machine.start();
            assertEquals(new Outcome.DebugExit(DONE), machine.await());
            VirtioCounters counters =
                    Objects.requireNonNull(machine.virtioCounters().get("rng0"));
            assertEquals(REQUESTS, counters.queue(0).completions());
            assertEquals(REQUESTS, counters.interrupts());
            // By the ioeventfd; two are one where the first one's request was served when the device was activated.
            assertTrue(counters.doorbells(0) >= REQUESTS - 1 && counters.doorbells(0) <= REQUESTS);
            assertEquals(0, counters.slowDoorbells(), "no doorbell took a vCPU to user space");
            assertEquals(0, counters.faults());
        }
        assertEquals(openBefore, openDescriptors());
    }

    @MachineTest
    @Timeout(60)
    void aGuestsResetMakesTheDevicesAnew(EngineProvider engine) throws Exception {
        long openBefore = openDescriptors();
        // The keyboard controller's pulse of the reset line, 0xFE.
        String code = USE_RNG.replace("b0 28", "b0 fb") + RESET + HANDLER;
        try (Fd in = open(HostConstants.O_RDONLY);
                Fd out = open(HostConstants.O_WRONLY);
                Machine machine = machine(engine, code, in, out)) {
            machine.start();
            while (machine.virtioCounters().isEmpty()
                    || Objects.requireNonNull(machine.virtioCounters().get("rng0"))
                                    .activations()
                            < 3) {
                assertNull(machine.await(1));
            }
            VirtioCounters counters =
                    Objects.requireNonNull(machine.virtioCounters().get("rng0"));
            assertTrue(counters.resets() >= 2, "each life's end resets its devices");
            assertEquals(0, counters.faults());
            Map<String, DeviceStatistics> all = new HashMap<>();
            machine.statistics().devices().forEach(device -> all.put(device.id(), device));
            DeviceStatistics keyboard = Objects.requireNonNull(all.get("i8042"));
            assertTrue(Objects.requireNonNull(keyboard.counters().get("reset_requests")) >= 2, "over all lives");
            assertTrue(all.keySet()
                    .containsAll(List.of(
                            "ports",
                            "device-memory",
                            "port92",
                            "pvpanic",
                            "reset-control",
                            "rtc",
                            "acpi-pm",
                            "com1",
                            "rng0")));
            machine.powerOff();
            assertEquals(new Outcome.PowerOff(), machine.await());
        }
        assertEquals(openBefore, openDescriptors());
    }

    private Machine machine(EngineProvider engine, String code, Fd in, Fd out) throws IOException {
        MachineConfig config = MachineConfig.builder(CodeKernel.writeTo(directory, bytes(code)))
                .accel(Accel.parse(engine.name()))
                .memoryBytes(16 << 20)
                .virtio(List.of(RngConfig.UNLIMITED))
                .build();
        return Machine.create(config, new Console(in.value(), out.value(), ConsoleInputFilter.NONE));
    }

    private static int[] bytes(String code) {
        return code.lines()
                .map(line -> line.substring(0, line.indexOf(';')).strip())
                .flatMapToInt(hex -> {
                    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
                    return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF);
                })
                .toArray();
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static Fd open(int flags) {
        return Fd.own("/dev/null", Libc.open("/dev/null", flags, 0));
    }

    // ---- places ----

    @Test
    void slotsAreDisjointAndHaveInterruptsOfTheirOwn() {
        List<DevicePlacement> all = VirtioSlots.of(
                MachineConfig.builder(Path.of("kernel"))
                        .virtio(Collections.nCopies(16, RngConfig.UNLIMITED))
                        .build()
                        .devices(),
                X86MemoryMap.ram(512 << 20),
                _ -> 0);
        assertEquals(
                16,
                all.stream().map(DevicePlacement::requireInterrupt).distinct().count());
        assertEquals(
                16,
                all.stream()
                        .map(device -> device.memory().getFirst())
                        .distinct()
                        .count());
        for (DevicePlacement device : all) {
            int gsi = device.requireInterrupt().gsi();
            assertTrue(
                    FixedPlacements.DEVICES.stream()
                            .map(DevicePlacement::interrupt)
                            .noneMatch(other -> other != null && other.gsi() == gsi),
                    device.id() + " shares GSI " + gsi);
            assertTrue(FixedPlacements.COM.stream()
                    .noneMatch(com -> com.requireInterrupt().gsi() == gsi));
            assertTrue(gsi != 0 && gsi != 2 && gsi < 24);
        }
        assertEquals("rng0", all.getFirst().id());
        assertEquals("rng15", all.getLast().id());
        assertEquals(new GpaRange(0xD000_F000L, 0x1000), all.getLast().memory().getFirst());
        assertEquals(0xD000_FFFFL, all.getLast().memory().getFirst().lastGpa());
    }

    @Test
    void moreDevicesThanSlotsIsOneLine() {
        ConfigException e = assertThrows(
                ConfigException.class,
                () -> MachineConfig.builder(Path.of("kernel"))
                        .virtio(Collections.nCopies(17, RngConfig.UNLIMITED))
                        .build());
        assertEquals("17 virtio devices are too many: a machine has interrupts for 16; leave some out", e.getMessage());
    }

    @Test
    void aKernelIsToldByTheCommandLineOrByAcpi() throws IOException {
        String parameters = "virtio_mmio.device=4K@0xd0000000:5 virtio_mmio.device=4K@0xd0001000:10";
        assertTrue(plan(false).commandLine().contains(parameters), plan(false).commandLine());
        assertTrue(!plan(true).commandLine().contains("virtio"), plan(true).commandLine());
    }

    @Test
    void aDryRunListsTheDevices() throws IOException {
        DevicePlacement second = plan(true).devices().getLast();
        assertEquals("rng1", second.id());
        assertEquals("virtio entropy, at most 4K/s", second.description());
        assertEquals(10, second.requireInterrupt().gsi());
    }

    @Test
    void aNegativeRateIsRefused() {
        assertThrows(ConfigException.class, () -> new RngConfig(-1));
    }

    private MachinePlan plan(boolean acpi) throws IOException {
        return MachinePlan.dryRun(MachineConfig.builder(CodeKernel.writeTo(directory, 0xF4))
                .tables(acpi ? MachineTables.ACPI : MachineTables.MP)
                .virtio(List.of(RngConfig.UNLIMITED, new RngConfig(4096)))
                .build());
    }
}
