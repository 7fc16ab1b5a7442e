package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.RecordingDevice;
import io.javisor.testkit.guest.RecordingDevice.Access;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** Memory in pieces as the guest sees it: holes, and memory above 4 GiB. */
class MemoryTest {
    private static final GpaRange LOW = new GpaRange(0, 0x10000);

    private static final String HOLE = """
        1000: 48 b8 11 22 33 44 55 66 77 88 ; movabs rax,0x8877665544332211
        100a: 48 89 04 25 f8 ff 00 00 ; mov QWORD PTR ds:0xfff8,rax
        1012: 48 89 04 25 00 00 01 00 ; mov QWORD PTR ds:0x10000,rax
        101a: 48 89 04 25 f8 ff 1f 00 ; mov QWORD PTR ds:0x1ffff8,rax
        1022: 48 89 04 25 00 00 20 00 ; mov QWORD PTR ds:0x200000,rax
        102a: 48 8b 0c 25 f8 ff 20 00 ; mov rcx,QWORD PTR ds:0x20fff8
        1032: 48 89 0c 25 00 00 21 00 ; mov QWORD PTR ds:0x210000,rcx
        103a: f4                     ; hlt
        """;

    @MachineTest
    void onlyTheHoleBetweenSlotsIsDeviceMemory(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .memory(LOW, new GpaRange(0x20_0000, 0x10000))
                .code(HOLE)
                .build()) {
            RecordingDevice hole = guest.recordMemory(0x1_0000, 0x1F_0000);
            RecordingDevice above = guest.recordMemory(0x21_0000, 0x1000);
            guest.memory().putLong(0x20_FFF8, 0x1234);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            long value = 0x8877_6655_4433_2211L;
            assertEquals(List.of(Access.write(0, 8, value), Access.write(0x1E_FFF8, 8, value)), hole.accesses());
            assertEquals(List.of(Access.write(0, 8, 0x1234)), above.accesses());
            assertEquals(value, guest.memory().getLong(0xFFF8));
            assertEquals(value, guest.memory().getLong(0x20_0000));
        }
    }

    private static final String HIGH = """
        1000: 48 bb 00 00 00 00 01 00 00 00 ; movabs rbx,0x100000000
        100a: 48 8b 43 08            ; mov rax,QWORD PTR [rbx+0x8]
        100e: 48 89 03               ; mov QWORD PTR [rbx],rax
        1011: 48 89 83 fc ff 00 00   ; mov QWORD PTR [rbx+0xfffc],rax
        1018: f4                     ; hlt
        """;

    @MachineTest
    void memoryAndDevicesAboveFourGib(EngineProvider engine) throws InterruptedException {
        long high = 1L << 32;
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .memory(LOW, new GpaRange(high, 0x10000))
                .code(HIGH)
                .build()) {
            RecordingDevice device = guest.recordMemory(high + 0x10000, 4);
            guest.memory().putLong(high + 8, 0x8877_6655_4433_2211L);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0x8877_6655_4433_2211L, guest.memory().getLong(high));
            assertEquals(0x4433_2211, guest.memory().getInt(high + 0xFFFC));
            assertEquals(List.of(Access.write(0, 4, 0x8877_6655L)), device.accesses());
            assertEquals(0, guest.memory().getLong(0)); // no wrap-around
        }
    }
}
