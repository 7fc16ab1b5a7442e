package io.javisor.kvm.tiny;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.RegionSpec;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.KvmMemorySlots;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.tiny.RecordingDevice.Access;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory slots as the guest sees them: holes, memory above 4 GiB, read-only memory, and the log of dirty pages. */
@KvmTest
class MemorySlotTest {
    private static final RegionSpec LOW = new RegionSpec(0, 0x10000);

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

    @Test
    void onlyTheHoleBetweenSlotsIsDeviceMemory() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode()
                .memory(LOW, new RegionSpec(0x20_0000, 0x10000))
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

    @Test
    void memoryAndDevicesAboveFourGib() throws InterruptedException {
        long high = 1L << 32;
        try (TinyGuest guest = TinyGuest.longMode()
                .memory(LOW, new RegionSpec(high, 0x10000))
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

    private static final String READ_ONLY = """
        1000: 8b 04 25 00 00 20 00   ; mov eax,DWORD PTR ds:0x200000
        1007: 89 04 25 00 a0 00 00   ; mov DWORD PTR ds:0xa000,eax
        100e: c7 04 25 00 00 20 00 55 00 00 00 ; mov DWORD PTR ds:0x200000,0x55
        1019: 8b 04 25 00 00 20 00   ; mov eax,DWORD PTR ds:0x200000
        1020: 89 04 25 04 a0 00 00   ; mov DWORD PTR ds:0xa004,eax
        1027: f4                     ; hlt
        """;

    @Test
    void aWriteToReadOnlyMemoryIsAnExit() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode()
                .memory(LOW, new RegionSpec(0x20_0000, 0x1000))
                .code(READ_ONLY)
                .build()) {
            GuestMemory.Region rom = guest.memory().regions().get(1);
            guest.vm().memory().delete(1);
            guest.vm()
                    .memory()
                    .setUserMemoryRegion(
                            1,
                            KvmConstants.KVM_MEM_READONLY,
                            rom.startGpa(),
                            rom.segment().byteSize(),
                            rom.segment().address());
            RecordingDevice device = guest.recordMemory(0x20_0000, 0x1000);
            guest.memory().putInt(0x20_0000, 0xCAFE);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(List.of(Access.write(0, 4, 0x55)), device.accesses());
            assertEquals(0xCAFE, guest.memory().getInt(0xA000));
            assertEquals(0xCAFE, guest.memory().getInt(0xA004));
        }
    }

    private static final String SLOT_GONE = """
        1000: 8b 04 25 00 00 20 00   ; mov eax,DWORD PTR ds:0x200000
        1007: e7 80                  ; out 0x80,eax
        1009: e9 f2 ff ff ff         ; jmp 0x1000
        """;

    @Test
    void aSlotThatIsDeletedWhileTheGuestRunsBecomesDeviceMemory() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode()
                .memory(LOW, new RegionSpec(0x20_0000, 0x1000))
                .code(SLOT_GONE)
                .build()) {
            guest.memory().putInt(0x20_0000, 0xCAFE);
            guest.run();
            assertEquals(0xCAFE, guest.awaitReport());
            guest.vm().memory().delete(1);
            long report;
            do {
                report = guest.awaitReport();
            } while (report == 0xCAFE);
            assertEquals(0xFFFF_FFFFL, report);
        }
    }

    private static final String DIRTY = """
        1000: c6 04 25 00 b0 00 00 01 ; mov BYTE PTR ds:0xb000,0x1
        1008: 8b 04 25 00 c0 00 00   ; mov eax,DWORD PTR ds:0xc000
        100f: 48 c7 04 25 fc df 00 00 ff ff ff ff ; mov QWORD PTR ds:0xdffc,0xffffffffffffffff
        101b: f4                     ; hlt
        101c: c6 04 25 01 c0 00 00 01 ; mov BYTE PTR ds:0xc001,0x1
        1024: f4                     ; hlt
        """;

    @Test
    void kvmLogsTheGuestsWrites() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode().code(DIRTY).logDirtyPages().build();
                Arena arena = Arena.ofConfined()) {
            MemorySegment bitmap = arena.allocate(KvmMemorySlots.dirtyBitmapSizeBytes(LOW.sizeBytes()), Long.BYTES);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            guest.vm().memory().getDirtyLog(0, bitmap);
            assertEquals(pages(0xB, 0xD, 0xE), dataPages(bitmap));
            guest.vm().memory().getDirtyLog(0, bitmap);
            assertEquals(0, dataPages(bitmap));
            // what the VMM writes is not KVM's to log
            guest.memory().putByte(0xE000, (byte) 1);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            guest.vm().memory().getDirtyLog(0, bitmap);
            assertEquals(pages(0xC), dataPages(bitmap));
        }
    }

    /** The data pages' bits; the processor may set accessed bits in the page tables. */
    private static long dataPages(MemorySegment bitmap) {
        return bitmap.get(ValueLayout.JAVA_LONG, 0) & -pages((int) (TinyGuest.DATA_GPA >>> 12));
    }

    private static long pages(int... numbers) {
        long bits = 0;
        for (int number : numbers) {
            bits |= 1L << number;
        }
        return bits;
    }
}
